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
/** A longer extension handshake of the remote is not kept for those who begin to watch later. */
export const REMEMBERED_HANDSHAKE_BYTES = 2048

export class ExtensionSide {
  readonly #out: WireOutput
  readonly #pieces: PieceAnnouncements
  readonly #download: DownloadSide
  #local: LocalExtensions
  #remote: RemoteExtensions = NO_EXTENSIONS
  #handshakeCount = 0
  #lastHandshake: Uint8Array | null = null
  /** Names that the remote may take for offered until it is told otherwise. */
  readonly #said = new Set<string>()

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
    this.#write(EXTENSION_HANDSHAKE_ID, this.ownHandshake())
    for (const name of this.#local.ids.keys()) this.#said.add(name)
  }

  /** What `sendHandshake` would say; what was offered before and is not any more has the id 0. */
  ownHandshake(): Uint8Array {
    const ids = new Map(this.#local.ids)
    for (const name of this.#said) if (!ids.has(name)) ids.set(name, 0)
    return encodeExtensionHandshake({ ...this.#local, ids })
  }

  /** The last one of the remote, where it is short enough to be kept. */
  get lastHandshake(): Uint8Array | null {
    return this.#lastHandshake
  }

  /** What the remote calls its id. */
  remoteNameOf(extendedId: number): string | null {
    return nameOfId(this.#remote.ids, extendedId)
  }

  /** What we call ours. */
  localNameOf(extendedId: number): string | null {
    return nameOfId(this.#local.ids, extendedId)
  }

  /** Says nothing when the remote does not know the extension. */
  send(name: string, payload: Uint8Array): void {
    this.#out.checkMaySpeak()
    const id = this.#remote.ids.get(name)
    if (id !== undefined) this.#write(id, payload)
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    if (extendedId === EXTENSION_HANDSHAKE_ID) return this.#onHandshake(payload)
    const name = this.localNameOf(extendedId)
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
    this.#lastHandshake = payload.length <= REMEMBERED_HANDSHAKE_BYTES ? payload.slice() : null
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
