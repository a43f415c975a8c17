/**
 * All that the engine sees of the outside: time, chance, network, disk, hashing, records. Packages `node` and
 * `simulator` give each of them a body. A port never throws at the engine for what the world did: it answers a value.
 */
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import type { Millis } from '@pigeon/protocol/machine'
import type { PieceProof } from '@pigeon/protocol/piece-hashes'
import type { StorageLayout } from './layout.ts'
import type { IoProblem } from './problem.ts'
import type { LocalTime } from './schedule.ts'

export interface Ports {
  readonly clock: ClockPort
  readonly random: RandomPort
  readonly network: NetworkPort
  readonly datagrams: DatagramPort
  readonly http: HttpPort
  readonly webSockets: WebSocketPort
  /** `null` where the part that it needs is not installed. */
  readonly webRtc: WebRtcPort | null
  /** `null` where no router may be asked. */
  readonly portMapping: PortMappingPort | null
  readonly storage: StoragePort
  readonly records: RecordPort
  readonly digest: DigestPort
  readonly signatures: SignaturePort
  readonly log: LogPort
}

export interface ClockPort {
  /** Monotonic. */
  nowMs(): Millis
  /** Wall time, only to be shown or recorded. */
  wallMs(): number
  /** What the clock on the wall shows in the machine's own time zone. */
  localTime(): LocalTime
  /** Calls back once, not before `delayMs`. */
  after(delayMs: Millis, callback: () => void): Cancel
}

export type Cancel = () => void

export interface RandomPort {
  bytes(lengthBytes: number): Uint8Array
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number
}

/** `host` is a numeric address (an IPv6 one without brackets) wherever a peer is meant. */
export interface Address {
  readonly host: string
  readonly port: number
}

export interface NetworkPort {
  /** Dials a peer. The handlers are called from the first event on; `failed` or `opened` comes exactly once. */
  dial(address: Address, handlers: DialHandlers): Dialling
  /** Accepts peers; answers where it listens, or why it cannot. */
  listen(address: Address, accept: (socket: PeerSocket) => void): Promise<Listener | IoProblem>
}

export interface Dialling {
  cancel(): void
}

export interface DialHandlers {
  opened(socket: PeerSocket): void
  failed(problem: IoProblem): void
}

export interface Listener {
  readonly address: Address
  close(): Promise<void>
}

/** A byte stream to a peer. Set `onBytes` and `onClosed` synchronously on receiving the socket. */
export interface PeerSocket {
  readonly remote: Address
  readonly transport: 'tcp' | 'utp' | 'webrtc'
  readonly isEncrypted: boolean
  /** The bytes are only valid during the call. */
  onBytes: (bytes: Uint8Array) => void
  /** Once, whoever closed it; `null` for an orderly end. */
  onClosed: (problem: IoProblem | null) => void
  /** Queued bytes fell low again after `write` said to wait. */
  onDrained: () => void
  /** Queues all chunks as one write. Answers the bytes now queued. Chunks must not change until they are sent. */
  write(chunks: readonly Uint8Array[]): number
  /** Bytes written and not yet taken by the system. */
  readonly queuedBytes: number
  /** Stops and resumes `onBytes`: back-pressure to the remote. */
  pause(): void
  resume(): void
  close(): void
}

export interface DatagramPort {
  /** Binds a UDP socket of one family. */
  bind(
    address: Address,
    receive: (bytes: Uint8Array, from: Address) => void,
    options?: DatagramOptions,
  ): Promise<DatagramSocket | IoProblem>
  /** Numeric addresses of a host name, at most 8. */
  resolve(host: string): Promise<readonly string[] | IoProblem>
}

export interface DatagramOptions {
  /** Also hears what is sent to this group, sends to it from every interface, and shares its port with others. */
  readonly group?: string
}

export interface DatagramSocket {
  readonly address: Address
  /** Best effort; bad addresses are dropped silently. */
  send(bytes: Uint8Array, to: Address): void
  close(): void
}

export interface HttpPort {
  /** GET. Bounded by `limitBytes` after decompression and `timeoutMs` in all; follows at most 5 safe redirects. */
  get(url: string, options: HttpOptions): Promise<HttpAnswer | IoProblem>
}

export interface HttpOptions {
  readonly limitBytes: number
  readonly timeoutMs: Millis
  readonly headers?: Readonly<Record<string, string>>
  /** Whether loopback and private addresses may be asked (trackers of the user's own choice: yes; redirects never widen it). */
  readonly allowPrivate: boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
  /** Names in lower case; absent where the port does not hand them on. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** WebSockets of trackers, text only. */
export interface WebSocketPort {
  /** The handlers are called from the first event on; `closed` comes exactly once. */
  open(url: string, handlers: WebSocketHandlers): WebSocketLink
}

export interface WebSocketHandlers {
  opened(): void
  /** At most 64 KiB; a longer one closes. */
  message(text: string): void
  /** `null` for an orderly end. */
  closed(problem: IoProblem | null): void
}

export interface WebSocketLink {
  /** Dropped while it is not open. */
  send(text: string): void
  close(): void
}

/** Data channels between browsers and us. Descriptions are complete: no candidate comes later. */
export interface WebRtcPort {
  offer(handlers: DialHandlers): Promise<WebRtcOffer | IoProblem>
  /** Answers another's offer with the description to send back. */
  answer(sdp: string, handlers: DialHandlers): Promise<WebRtcAnswer | IoProblem>
  close(): Promise<void>
}

export interface WebRtcOffer extends Dialling {
  readonly sdp: string
  /** The other's answer came; `opened` or `failed` follows. A second one is ignored. */
  accept(sdp: string): void
}

export interface WebRtcAnswer extends Dialling {
  readonly sdp: string
}

/** Asks the router to pass a port on to us. */
export interface PortMappingPort {
  /** Keeps the mappings alive until `close`; tells every change. */
  map(
    wishes: readonly PortWish[],
    onChange: (state: PortMappingState) => void,
  ): { close(): Promise<void> }
}

export interface PortWish {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

export interface PortMappingState {
  readonly kind: 'searching' | 'mapped' | 'failed'
  readonly method: 'upnp' | 'nat-pmp' | 'pcp' | null
  /** As the router says; `null` while unknown. */
  readonly externalAddress: string | null
  readonly externalPort: number | null
  readonly problem: IoProblem | null
}

/** ed25519. */
export interface SignaturePort {
  /** Whether the 64 bytes of `signature` are that of the key's owner; `false` for anything malformed. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array
  /** Of a seed of 32 bytes. */
  publicKey(seed: Uint8Array): Uint8Array
}

/** The bytes of torrents on disk, with hashing off the main thread. */
export interface StoragePort {
  /** Shared memory for pieces under way; `null` when the bound on dirty bytes is reached: wait for `onRelease`. */
  acquire(lengthBytes: number): PieceBuffer | null
  /** Called whenever bytes came back to the pool. */
  onRelease: () => void
  /** A torrent is about to be opened: what takes a while to begin may begin. */
  prepare(): void
  /** Opens a torrent's files below `folder`; creates nothing until a piece is written. */
  open(layout: StorageLayout, folder: string): Promise<TorrentStorage | IoProblem>
  freeBytes(folder: string): Promise<number | IoProblem>
}

export interface PieceBuffer {
  /** Exactly as long as was asked for. */
  readonly bytes: Uint8Array
  /** Gives it back. Once. */
  release(): void
}

export type CommitResult =
  | { readonly kind: 'verified' }
  /** The hash differs: nothing was written. */
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'problem'; readonly problem: IoProblem }

export interface TorrentStorage {
  readonly folder: string
  /**
   * Hashes the piece and, where it matches, writes it with as few positioned writes as its files allow. Skips pads and
   * files that `setWanted` excludes (their bytes of a shared piece go to the part file). Takes the buffer over and
   * releases it, except after a `mismatch`: then the caller looks at the bytes to find the liar, and releases it.
   */
  commit(pieceIndex: number, buffer: PieceBuffer, proof: PieceProof): Promise<CommitResult>
  /**
   * Reads a run of a piece's bytes (pads as zeros). The result is the caller's and never changes. It may be `into`,
   * exactly as long, which is the storage's until the answer.
   */
  read(
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
    into?: Uint8Array | null,
  ): Promise<Uint8Array | IoProblem>
  /** Reads and hashes a piece from disk. `missing`: some of its bytes are not there. */
  verify(
    pieceIndex: number,
    proof: PieceProof,
  ): Promise<'verified' | 'mismatch' | 'missing' | IoProblem>
  /** Says that existing files belong to this torrent (recorded so before, or a piece of theirs was verified). Without that, a commit that touches a file which was there before fails with `would-overwrite`, and no file of others is ever moved or deleted. Files made by this object are ours without asking. Call it before `setWanted`. */
  claim(fileIndexes: readonly number[]): void
  /** Which files (by index) are to be stored; new torrents begin with all. */
  setWanted(wanted: readonly boolean[]): Promise<IoProblem | null>
  /** Makes all committed bytes durable; `null` when they are. After a problem nothing since the last good sync may be trusted. */
  sync(): Promise<IoProblem | null>
  /** Makes the empty files and folders that no piece creates. */
  createEmptyFiles(): Promise<IoProblem | null>
  /** For each file: bytes on disk, or -1 when it is not there. For judging a resume record. */
  sizesOnDisk(): Promise<readonly number[]>
  /**
   * Moves the torrent's files below another folder (rename, or copy, sync and delete across devices). Where anything is
   * moved, a name that is taken is a problem, also one of a file that is not here yet; where nothing is, others' files
   * stay others'.
   */
  move(folder: string): Promise<IoProblem | null>
  /**
   * Gives the files the paths of another layout of the same torrent, all or none, durably; never overwrites what others
   * put there. Where a power cut broke such a call off, the same call, repeated, finishes it: files that have their new
   * name already are passed over, and empty ones that hold a place give way.
   */
  rename(
    layout: StorageLayout,
    options: { readonly isRepeated: boolean },
  ): Promise<IoProblem | null>
  /** Closes file handles. With `deleteData`, removes only files of this torrent and folders left empty by that. */
  close(options: { readonly deleteData: boolean }): Promise<IoProblem | null>
}

/** What survives a restart: one record a torrent. Every answer means: durable now. */
export interface RecordPort {
  loadAll(): Promise<readonly TorrentRecord[] | IoProblem>
  save(record: TorrentRecord): Promise<IoProblem | null>
  /** Only what was wished, of a torrent that is recorded. */
  saveOptions(id: string, optionsJson: string): Promise<IoProblem | null>
  /** Only the part that changes often. */
  saveProgress(id: string, progress: TorrentProgress): Promise<IoProblem | null>
  remove(id: string): Promise<IoProblem | null>
  loadSettings(): Promise<string | null>
  saveSettings(json: string): Promise<IoProblem | null>
  /** What a part of the engine keeps for itself, such as the nodes of the DHT; `null` when there is none. */
  loadBlob(name: string): Promise<Uint8Array | null>
  saveBlob(name: string, bytes: Uint8Array): Promise<IoProblem | null>
}

export interface TorrentRecord {
  /** `torrentId` of the info-hashes. */
  readonly id: string
  readonly infoHashes: InfoHashes
  /** The raw info dictionary; `null` for a magnet whose metadata has not come yet. */
  readonly infoBytes: Uint8Array | null
  /** JSON of what the engine keeps about it (source trackers, folder, wishes); its shape is the engine's business. */
  readonly optionsJson: string
  readonly progress: TorrentProgress
}

export interface TorrentProgress {
  /** One bit a piece, most significant first: verified, synced. Empty while the metadata is unknown. */
  readonly verified: Uint8Array
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly seededMs: number
}

export interface DigestPort {
  /** For small things (metadata, allowed-fast sets). */
  sha1(bytes: Uint8Array): Uint8Array
}

export interface LogPort {
  write(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields: Readonly<Record<string, string | number | boolean | null>>,
  ): void
}
