/** WebSockets and WebRTC that tests hold both ends of. */
import type {
  DialHandlers,
  PeerSocket,
  WebRtcPort,
  WebSocketHandlers,
  WebSocketPort,
} from '../../ports.ts'
import { ioProblem } from '../../problem.ts'

/** One opened, or opening, WebSocket. */
export interface FakeLink {
  readonly url: string
  readonly handlers: WebSocketHandlers
  readonly sent: string[]
  isClosed: boolean
}

export class FakeWeb {
  readonly links: FakeLink[] = []
  /** Offers that were made and not given up, by their description. */
  readonly offers: Map<string, DialHandlers & { accepted: string | null }> = new Map()
  readonly answers: Map<string, DialHandlers> = new Map()
  #made = 0

  readonly webSockets: WebSocketPort = {
    open: (url, handlers) => {
      const link: FakeLink = { url, handlers, sent: [], isClosed: false }
      this.links.push(link)
      return {
        send: (text) => void link.sent.push(text),
        close: () => {
          link.isClosed = true
        },
      }
    },
  }

  readonly webRtc: WebRtcPort = {
    offer: (handlers) => {
      const sdp = `offer ${(this.#made += 1)}`
      const offer = { ...handlers, accepted: null as string | null }
      this.offers.set(sdp, offer)
      return Promise.resolve({
        sdp,
        accept: (answer) => {
          offer.accepted = answer
        },
        cancel: () => {
          this.offers.delete(sdp)
          handlers.failed(ioProblem('closed', 'The connection was given up.', ''))
        },
      })
    },
    answer: (sdp, handlers) => {
      this.answers.set(sdp, handlers)
      return Promise.resolve({ sdp: `answer to ${sdp}`, cancel: () => this.answers.delete(sdp) })
    },
    close: () => Promise.resolve(),
  }

  get link(): FakeLink {
    const link = this.links.at(-1)
    if (link === undefined) throw new Error('nobody opened a WebSocket')
    return link
  }

  /** What was said over the last link. */
  said(): readonly Readonly<Record<string, unknown>>[] {
    return this.link.sent.map((text) => JSON.parse(text))
  }
}

export function fakeSocket(): PeerSocket & { isClosed: boolean } {
  return {
    remote: { host: '192.0.2.1', port: 1 },
    transport: 'webrtc',
    isEncrypted: true,
    onBytes: () => {},
    onClosed: () => {},
    onDrained: () => {},
    write: () => 0,
    queuedBytes: 0,
    pause: () => {},
    resume: () => {},
    isClosed: false,
    close() {
      this.isClosed = true
    },
  }
}
