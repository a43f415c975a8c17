/**
 * The extension protocol of one connection: both extension handshakes, whose ids mean what, and extended messages.
 * Two extensions belong to the peer wire itself and are read here: `upload_only` and `lt_donthave`. All others go out
 * by name, unread.
 *
 * Each side chooses the ids under which it wants to be spoken to: we send with the remote's, and read with ours.
 *
 * Spec: BEP 10, "handshake message"; BEP 21; BEP 54
 */
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type LocalExtensions,
  mergeExtensions,
  NO_EXTENSIONS,
  type RemoteExtensions,
} from '../bep/0010-extension.ts'
import { decodeUploadOnly, UPLOAD_ONLY } from '../bep/0021-upload-only.ts'
import { decodeDontHave, DONT_HAVE } from '../bep/0054-donthave.ts'
import type { DownloadSide } from './download-side.ts'
import { encodeExtendedHeader } from './frame.ts'
import type { PieceAnnouncements } from './piece-announcements.ts'
import type { WireOutput } from './wire-output.ts'

/** Extension handshakes of one connection that are read; each costs a copy of all that was said. */
export const EXTENSION_HANDSHAKES_LIMIT = 1000

export class ExtensionSide {
  readonly #out: WireOutput
  readonly #pieces: PieceAnnouncements
  readonly #download: DownloadSide
  #local: LocalExtensions
  #remote: RemoteExtensions = NO_EXTENSIONS
  #handshakeCount = 0

  constructor(
    local: LocalExtensions,
    pieces: PieceAnnouncements,
    download: DownloadSide,
    out: WireOutput,
  ) {
    this.#out = out
    this.#pieces = pieces
    this.#download = download
    this.#local = local
  }

  /** All that the remote said by now. */
  get remote(): RemoteExtensions {
    return this.#remote
  }

  /** What our next extension handshake says, and by which ids messages are read from now on. */
  setLocal(local: LocalExtensions): void {
    this.#local = local
  }

  sendHandshake(): void {
    this.#write(EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake(this.#local))
  }

  /** Says nothing when the remote does not know the extension. */
  send(name: string, payload: Uint8Array): void {
    this.#out.checkMaySpeak()
    const id = this.#remote.ids.get(name)
    if (id !== undefined) this.#write(id, payload)
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    if (extendedId === EXTENSION_HANDSHAKE_ID) return this.#onHandshake(payload)
    const name = nameOfId(this.#local.ids, extendedId)
    if (name === null) return this.#out.fault('unknown-extension', `extended id ${extendedId}`)
    if (name === DONT_HAVE) return this.#onDontHave(payload)
    if (name === UPLOAD_ONLY) return this.#onUploadOnly(payload)
    this.#out.tell({ kind: 'extended', name, payload: payload.slice() })
  }

  #onHandshake(payload: Uint8Array): void {
    if (++this.#handshakeCount > EXTENSION_HANDSHAKES_LIMIT) {
      const detail = `more than ${EXTENSION_HANDSHAKES_LIMIT} extension handshakes`
      return this.#out.fault('bad-extension-handshake', detail)
    }
    const result = decodeExtensionHandshake(payload)
    if (!result.ok) return this.#out.fault(result.fault.code, result.fault.detail)
    this.#tellRemote(mergeExtensions(this.#remote, result.handshake))
  }

  #onDontHave(payload: Uint8Array): void {
    const pieceIndex = decodeDontHave(payload)
    if (pieceIndex === null) return this.#faultSize(DONT_HAVE, payload)
    if (this.#pieces.onLost(pieceIndex)) this.#download.onLostPiece(pieceIndex)
  }

  #onUploadOnly(payload: Uint8Array): void {
    const uploadOnly = decodeUploadOnly(payload)
    if (uploadOnly === null) return this.#faultSize(UPLOAD_ONLY, payload)
    this.#tellRemote({ ...this.#remote, uploadOnly })
  }

  #tellRemote(remote: RemoteExtensions): void {
    this.#remote = remote
    this.#out.tell({ kind: 'extensions', remote })
  }

  #faultSize(name: string, payload: Uint8Array): void {
    this.#out.fault('bad-extension-message', `${name} of ${payload.length} bytes`)
  }

  #write(extendedId: number, payload: Uint8Array): void {
    this.#out.write(encodeExtendedHeader(extendedId, payload.length), payload)
  }
}

function nameOfId(ids: ReadonlyMap<string, number>, wanted: number): string | null {
  for (const [name, id] of ids) if (id === wanted) return name
  return null
}
