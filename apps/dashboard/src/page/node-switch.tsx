/** Which node the page shows, where the server has several. Each has an address of its own. */
import { DropdownMenu } from 'radix-ui'
import { useEffect } from 'react'
import { getNodes, type NodeState } from './api.ts'
import { BASE, NODE_KEY } from './base-path.ts'
import { Icon } from './icons.tsx'
import { overlayPlace } from './overlay-place.ts'
import { setNodes, useStore } from './store.ts'
import { strings } from './strings.ts'

const ASK_EVERY_MS = 15_000

/** Nothing where there is only one. */
export function NodeSwitch() {
  const nodes = useNodes()
  const [first] = nodes
  const shown = nodes.find(({ key }) => key === NODE_KEY) ?? first
  if (shown === undefined || nodes.length < 2) return null
  const words = strings.nodes
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="button node-switch" aria-label={words.label(shown.name)}>
          <NodeDot node={shown} />
          <span className="node-name" dir="auto">
            {shown.name}
          </span>
          <Icon name="expand" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overlayPlace()}>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Label className="menu-label">{words.title}</DropdownMenu.Label>
          {nodes.map((node) => (
            <DropdownMenu.Item key={node.key} className="menu-item node-item" asChild>
              <a
                href={node === first ? BASE : `${BASE}n/${node.key}/`}
                aria-current={node === shown}
              >
                <NodeDot node={node} />
                <span className="node-words">
                  <span dir="auto">{node.name}</span>
                  <span className="node-state">
                    {node.problem === null ? words.up : `${words.down}: ${node.problem.message}`}
                  </span>
                </span>
                {node === shown && <Icon name="check" />}
              </a>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function NodeDot({ node }: { node: NodeState }) {
  return <span className="node-dot" data-up={node.problem === null} aria-hidden="true" />
}

/** Asked again and again while there are several and somebody sees the page. */
function useNodes(): readonly NodeState[] {
  const nodes = useStore((state) => state.nodes)
  const isLive = useStore((state) => state.link === 'live')
  const areMany = nodes.length !== 1
  useEffect(() => {
    let isStopped = false
    const ask = async (): Promise<void> => {
      if (document.hidden) return
      const told = await getNodes()
      if (!isStopped && told !== null) setNodes(told)
    }
    void ask()
    const timer = areMany ? setInterval(() => void ask(), ASK_EVERY_MS) : undefined
    return () => {
      isStopped = true
      clearInterval(timer)
    }
  }, [isLive, areMany])
  return nodes
}
