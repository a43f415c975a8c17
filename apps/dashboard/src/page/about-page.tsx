/** What this is, what the node says of itself, and where help is. */
import { formatBytes, formatDuration } from '@pigeon/control/units'
import { Icon } from './icons.tsx'
import { PageHead } from './page-head.tsx'
import { openDialog, useStore } from './store.ts'
import { strings } from './strings.ts'

export function AboutPage() {
  const session = useStore((state) => state.feed.session)
  const { about: words } = strings
  return (
    <div className="page">
      <PageHead title={words.title} />
      <div className="page-body">
        <div className="settings">
          <p className="about-lead">{words.lead}</p>
          <section className="settings-part">
            <h2 className="settings-title">{words.help}</h2>
            <ul className="about-help">
              <li>{words.helpAdd}</li>
              <li>{words.helpFilter}</li>
              <li>{words.helpMenu}</li>
            </ul>
            <button
              type="button"
              className="button"
              onClick={() => openDialog({ kind: 'shortcuts' })}
            >
              <Icon name="keyboard" />
              {words.shortcuts}
            </button>
          </section>
          {session !== null && (
            <section className="settings-part">
              <h2 className="settings-title">{words.node}</h2>
              <dl className="facts">
                <Fact words={words.node}>{session.node}</Fact>
                <Fact words={words.peerId}>{session.peerId}</Fact>
                <Fact words={words.listening}>{session.listening ?? strings.status.deaf}</Fact>
                <Fact words={words.running}>
                  {formatDuration(Math.max(0, Date.now() - session.startedAtMs))}
                </Fact>
                <Fact words={words.session}>
                  {words.traffic(
                    formatBytes(session.downloadedBytes),
                    formatBytes(session.uploadedBytes),
                  )}
                </Fact>
                <Fact words={words.ever}>
                  {words.traffic(
                    formatBytes(session.allDownloadedBytes),
                    formatBytes(session.allUploadedBytes),
                  )}
                </Fact>
                <Fact words={words.peers}>{strings.count(session.peersConnected)}</Fact>
                <Fact words={words.free}>{formatBytes(session.freeBytes)}</Fact>
              </dl>
            </section>
          )}
        </div>
      </div>
    </div>
  )
}

function Fact({ words, children }: { words: string; children: string }) {
  return (
    <div className="fact">
      <dt>{words}</dt>
      <dd>{children}</dd>
    </div>
  )
}
