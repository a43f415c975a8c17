/** Says what happened to torrents, one sentence each: finished, failed, gone; and when the node is out of reach. */
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem, SessionSummary, TorrentSummary, Update } from '@pigeon/control/contract'

/** Sentences of one update: more are summed up. */
export const SENTENCES_LIMIT = 10

export class Announcer {
  readonly #say: (sentence: string) => void
  readonly #torrents = new Map<string, TorrentSummary>()
  #session: SessionSummary | null = null
  #isOffline = false

  constructor(say: (sentence: string) => void) {
    this.#say = (sentence) => say(toDisplay(sentence, sentence.length))
  }

  get torrents(): readonly TorrentSummary[] {
    return [...this.#torrents.values()]
  }

  get session(): SessionSummary | null {
    return this.#session
  }

  hear(update: Update): void {
    if (update.kind === 'offline') return this.#goOffline(update.problem)
    if (update.kind === 'snapshot') {
      if (this.#isOffline) this.#say('The node answers again.')
      this.#isOffline = false
      this.#torrents.clear()
      for (const torrent of update.torrents) this.#torrents.set(torrent.id, torrent)
      this.#session = update.session
      return
    }
    const sentences: string[] = []
    for (const torrent of update.changed) {
      const sentence = change(this.#torrents.get(torrent.id), torrent)
      if (sentence !== null) sentences.push(sentence)
      this.#torrents.set(torrent.id, torrent)
    }
    for (const id of update.removed) this.#torrents.delete(id)
    this.#session = update.session ?? this.#session
    for (const sentence of sentences.slice(0, SENTENCES_LIMIT)) this.#say(sentence)
    const rest = sentences.length - SENTENCES_LIMIT
    if (rest > 0) this.#say(`And ${rest} more torrents changed.`)
  }

  #goOffline(problem: Problem): void {
    if (!this.#isOffline) this.#say(`The node is out of reach: ${problem.message}`)
    this.#isOffline = true
  }
}

/** What is worth saying about a torrent that changed; most changes are not. */
function change(before: TorrentSummary | undefined, now: TorrentSummary): string | null {
  if (before === undefined) return null
  const { name, state, problem } = now
  if (problem !== null && problem.message !== before.problem?.message) {
    return `Problem with ${name}: ${problem.message} ${problem.help}`
  }
  if (state === before.state) return null
  if (state === 'seeding' && before.state === 'downloading') return `Finished: ${name}.`
  if (state === 'downloading' && before.state === 'metadata') return `Files are known: ${name}.`
  if (before.state === 'checking') return `Checked: ${name}, now ${state}.`
  if (before.state === 'moving') return `Moved: ${name}, now in ${now.folder}.`
  return null
}
