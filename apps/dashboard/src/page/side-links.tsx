/** Below the filters: the other pages of the node. */
import { Icon } from './icons.tsx'
import { hrefOf, navigate } from './navigation.ts'
import { strings } from './strings.ts'

export function SideLinks() {
  const route = { view: 'network' } as const
  return (
    <ul className="side-links">
      <li>
        <a
          className="filter-item"
          href={hrefOf(route)}
          aria-keyshortcuts="n"
          onClick={(event) => {
            // With a key held the browser opens it elsewhere, as with any link.
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
            event.preventDefault()
            navigate(route)
          }}
        >
          <Icon name="network" />
          <span className="filter-words">{strings.network.open}</span>
        </a>
      </li>
    </ul>
  )
}
