import { FILTER_FIELDS } from '@pigeon/control/filter'
import { Modal } from './modal.tsx'
import { setView } from './navigation.ts'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'

/** What can be written into the filter; an example is tried by a press. */
export function FilterHelpDialog() {
  const { filter } = strings
  return (
    <Modal title={filter.help} lead={filter.helpLead} size="large" onClose={closeDialog}>
      <h3 className="sheet-title">{filter.helpExamples}</h3>
      <ul className="examples">
        {Object.entries(filter.examples).map(([text, words]) => (
          <li key={text} className="example">
            <button
              type="button"
              className="example-try"
              onClick={() => {
                setView({ text })
                closeDialog()
              }}
            >
              <code>{text}</code>
            </button>
            <span>{words}</span>
          </li>
        ))}
      </ul>
      <h3 className="sheet-title">{filter.fields}</h3>
      <dl className="fields" lang="en">
        {FILTER_FIELDS.map((field) => (
          <div key={field.name} className="field-row">
            <dt>
              <code>{field.name}</code>
            </dt>
            <dd>
              {field.description}
              {field.values.length > 0 && (
                <span className="field-values"> {field.values.join(', ')}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
