import { Icon, Mark } from './icons.tsx'
import { DEFAULT_VIEW } from './list-view.ts'
import { currentView, setView } from './navigation.ts'
import { offerToAdd, openDialog } from './store.ts'
import { strings } from './strings.ts'

/** What a first visit sees: what to do, and nothing else. */
export function EmptyList() {
  const { empty } = strings
  return (
    <section className="empty">
      <div className="empty-mark">
        <Mark />
      </div>
      <h2 className="empty-title">{empty.title}</h2>
      <p className="empty-text">{empty.text}</p>
      <div className="empty-actions">
        <button type="button" className="button button-primary" onClick={() => offerToAdd('', [])}>
          <Icon name="plus" />
          {empty.add}
        </button>
        <button type="button" className="button" onClick={() => openDialog({ kind: 'share' })}>
          <Icon name="share" />
          {empty.share}
        </button>
      </div>
    </section>
  )
}

export function NoMatch() {
  const { empty } = strings
  return (
    <div className="empty empty-match" role="rowgroup">
      <div role="row">
        <div role="gridcell" className="empty-cell">
          <h2 className="empty-title">{empty.noMatchTitle}</h2>
          <p className="empty-text">{empty.noMatchText}</p>
          <button
            type="button"
            className="button"
            onClick={() => setView({ ...DEFAULT_VIEW, sort: currentView().sort })}
          >
            {empty.showAll}
          </button>
        </div>
      </div>
    </div>
  )
}
