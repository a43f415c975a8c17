import { Modal } from './modal.tsx'
import { SHORTCUTS } from './shortcuts.ts'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'

const GROUPS = ['list', 'page'] as const

/** All keys, from the table that works them. */
export function ShortcutsDialog() {
  const { shortcuts: words } = strings
  return (
    <Modal title={words.title} lead={words.lead} size="large" onClose={closeDialog}>
      <div className="sheet">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3 className="sheet-title">{words.groups[group]}</h3>
            <dl className="sheet-keys">
              {SHORTCUTS.filter((each) => each.group === group).map((each) => (
                <div key={each.words} className="sheet-row">
                  <dt>
                    {each.keys.map((together) => (
                      <span key={together.join()} className="sheet-combo">
                        {together.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    ))}
                  </dt>
                  <dd>{words.keys[each.words]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
