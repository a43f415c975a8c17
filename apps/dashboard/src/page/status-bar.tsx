import { formatBytes, formatPercent } from '@pigeon/control/units'
import type { Job } from '@pigeon/control/contract'
import { Progress } from 'radix-ui'
import { runAndTell, useStore } from './store.ts'
import { strings } from './strings.ts'

/** Where this node can be reached, and how much room it has. */
export function StatusBar() {
  const session = useStore((state) => state.feed.session)
  const link = useStore((state) => state.link)
  if (session === null) return null
  return (
    <footer className="status-bar">
      <span className="status-item" data-link={link}>
        <span className="link-dot" />
        {strings.status.link[link]}
      </span>
      <span className="status-item">
        {session.listening === null
          ? strings.status.deaf
          : strings.status.listening(session.listening)}
      </span>
      {session.freeBytes !== null && (
        <span className="status-item status-free">
          {strings.status.free(formatBytes(session.freeBytes), session.defaultFolder)}
        </span>
      )}
      <span className="status-item status-node">{session.node}</span>
    </footer>
  )
}

/** Folders that are being hashed, wherever that was begun. */
export function Jobs() {
  const jobs = useStore((state) => state.feed.session?.jobs)
  if (jobs === undefined || jobs.length === 0) return null
  return (
    <section className="jobs" aria-label={strings.jobs.label}>
      {jobs.map((job) => (
        <JobLine key={job.id} job={job} />
      ))}
    </section>
  )
}

export function JobLine({ job }: { job: Job }) {
  const { jobs: words } = strings
  const share = shareOf(job)
  return (
    <div className="job">
      <span className="job-name" dir="auto" title={job.path}>
        {words.hashing(job.path)}
      </span>
      <Progress.Root
        className="progress"
        value={share === null ? null : Math.floor(share * 1000) / 10}
        max={100}
        aria-label={words.hashing(job.path)}
      >
        <Progress.Indicator
          className="progress-fill"
          style={share === null ? {} : { transform: `scaleX(${share})` }}
        />
      </Progress.Root>
      <span className="job-share">{share === null ? words.counting : formatPercent(share)}</span>
      <button
        type="button"
        className="button button-small"
        aria-label={words.cancel(job.path)}
        onClick={() => void runAndTell({ do: 'cancel-job', job: job.id })}
      >
        {words.stop}
      </button>
    </div>
  )
}

function shareOf({ doneBytes, totalBytes }: Job): number | null {
  if (totalBytes === null) return null
  return totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
}
