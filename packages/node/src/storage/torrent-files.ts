import {
  type FileSpan,
  type StorageLayout,
  filePieces,
  pieceLengthBytes,
  pieceSpans,
} from '@pigeon/engine/layout'
import type { CommitResult, PieceBuffer, TorrentStorage } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import type { PieceProof } from '@pigeon/protocol/piece-hashes'
import { diskProblem } from '../io-errors.ts'
import { copyBytes } from './copy-bytes.ts'
import { disk } from './disk.ts'
import type { FileHandles } from './file-handles.ts'
import { FolderTree } from './folder-tree.ts'
import { freeBytes } from './free-bytes.ts'
import { Gate } from './gate.ts'
import type { Check, JobResult, Run, Write } from './jobs.ts'
import { checkLayout, hiddenName } from './layout-check.ts'
import { type Move, moveFiles, renameFile, yieldPlaces } from './move-files.ts'
import { sharedMemoryOf } from './piece-pool.ts'
import { type FileHome, StoredFile, wouldOverwrite } from './stored-file.ts'
import type { WorkerPool } from './worker-pool.ts'

export interface StorageParts {
  readonly workers: WorkerPool
  readonly handles: FileHandles
}

/** The files of one torrent below one folder. See the port for what each call promises. */
export class TorrentFiles implements TorrentStorage {
  #layout: StorageLayout
  readonly #workers: WorkerPool
  readonly #handles: FileHandles
  readonly #gate = new Gate()
  #tree: FolderTree
  #files: readonly StoredFile[]
  #part: StoredFile
  #wanted: readonly boolean[]
  /** Files written since the last sync began, and folders in which names were made. */
  #dirtyFiles = new Set<StoredFile>()
  #dirtyFolders = new Set<string>()
  #isClosed = false

  constructor(layout: StorageLayout, folder: string, parts: StorageParts) {
    this.#layout = layout
    this.#workers = parts.workers
    this.#handles = parts.handles
    this.#wanted = layout.files.map(() => true)
    this.#tree = new FolderTree(folder)
    this.#files = this.#filesBelow(this.#tree)
    this.#part = this.#partBelow(this.#tree)
  }

  get folder(): string {
    return this.#tree.root
  }

  claim(fileIndexes: readonly number[]): void {
    // Whoever comes after this call waits for it.
    void this.#gate.alone(() =>
      each(fileIndexes, LOOKS_AT_ONCE, async (index) => {
        if (this.#isStored(index)) await this.#files[index]?.claim()
      }),
    )
  }

  async commit(pieceIndex: number, buffer: PieceBuffer, proof: PieceProof): Promise<CommitResult> {
    await this.#gate.enter()
    try {
      const result = await this.#commitInside(pieceIndex, buffer, proof)
      if (result.kind !== 'mismatch') buffer.release()
      return result
    } finally {
      this.#gate.leave()
    }
  }

  async #commitInside(
    pieceIndex: number,
    buffer: PieceBuffer,
    proof: PieceProof,
  ): Promise<CommitResult> {
    if (this.#isClosed) return { kind: 'problem', problem: closed(this.folder) }
    const lone = this.#loneUnwanted(pieceIndex)
    if (lone === null) return this.#commit(pieceIndex, buffer, proof)
    this.#gate.leave()
    const problem = await this.#takeOver(lone)
    await this.#gate.enter()
    if (problem !== null) return { kind: 'problem', problem }
    return this.#commitInside(pieceIndex, buffer, proof)
  }

  async #commit(pieceIndex: number, buffer: PieceBuffer, proof: PieceProof): Promise<CommitResult> {
    const targets = this.#targets(pieceIndex)
    // Nothing may be made for a piece that turns out to be wrong: where a file is not there yet, hash first.
    const isPlain =
      targets.length <= FILES_PER_JOB && targets.every((target) => target.file.isReady)
    if (!isPlain) {
      const hashed = await this.#runCommit(buffer, proof, [])
      if (hashed.kind !== 'verified') return hashed
    }
    const check = isPlain ? proof : null
    for (let from = 0; from < targets.length || from === 0; from += FILES_PER_JOB) {
      const written = await this.#runCommit(
        buffer,
        check,
        targets.slice(from, from + FILES_PER_JOB),
      )
      if (written.kind !== 'verified') return written
    }
    return VERIFIED
  }

  async #runCommit(
    buffer: PieceBuffer,
    check: Check | null,
    targets: readonly Target[],
  ): Promise<CommitResult> {
    const handles = targets.map((target) => target.file.forWriting())
    const problem = await this.#handles.pin(handles)
    if (problem !== null) return { kind: 'problem', problem: await this.#withFreeBytes(problem) }
    try {
      const writes = targets.map(
        (target, i): Write => ({
          fd: handles[i]?.fd ?? -1,
          fileOffset: target.fileOffset,
          pieceOffset: target.pieceOffset,
          lengthBytes: target.lengthBytes,
        }),
      )
      const result = await this.#workers.run({
        kind: 'commit',
        shared: sharedMemoryOf(buffer),
        lengthBytes: buffer.bytes.length,
        check: check === null ? null : { algorithm: check.algorithm, digest: check.digest },
        writes,
      })
      if (result.kind === 'mismatch') return { kind: 'mismatch' }
      for (const target of targets) this.#dirtyFiles.add(target.file)
      if (result.kind === 'ok') return VERIFIED
      return { kind: 'problem', problem: await this.#jobProblem(result, targets, 'write') }
    } finally {
      this.#handles.unpin(handles)
    }
  }

  async read(
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
    into: Uint8Array | null = null,
  ): Promise<Uint8Array | IoProblem> {
    await this.#gate.enter()
    try {
      if (this.#isClosed) return closed(this.folder)
      // Every byte is overwritten below, or the whole is thrown away. Slow: not a part of Node's shared pool.
      const bytes = into ?? Buffer.allocUnsafeSlow(lengthBytes)
      const problem = await this.#readInto(bytes, pieceIndex, begin)
      return problem ?? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    } finally {
      this.#gate.leave()
    }
  }

  async #readInto(bytes: Uint8Array, pieceIndex: number, begin: number): Promise<IoProblem | null> {
    if (begin < 0 || begin + bytes.length > pieceLengthBytes(this.#layout, pieceIndex)) {
      return ioProblem('disk-error', `no such bytes in piece ${pieceIndex}`, '')
    }
    const spans = clip(pieceSpans(this.#layout, pieceIndex), begin, bytes.length)
    for (const span of spans) {
      if (span.isPad) bytes.fill(0, span.pieceOffset, span.pieceOffset + span.lengthBytes)
    }
    const targets = this.#targetsOf(spans)
    for (let from = 0; from < targets.length; from += FILES_PER_JOB) {
      const some = targets.slice(from, from + FILES_PER_JOB)
      const handles = some.map((target) => target.file.forReading())
      const problem = await this.#handles.pin(handles)
      if (problem !== null) return problem
      const results = await Promise.all(
        some.map((target, i) => readTarget(bytes, target, handles[i]?.fd ?? -1)),
      )
      this.#handles.unpin(handles)
      const failed = results.find((result) => result !== null)
      if (failed !== undefined) return failed
    }
    return null
  }

  async verify(
    pieceIndex: number,
    proof: PieceProof,
  ): Promise<'verified' | 'mismatch' | 'missing' | IoProblem> {
    await this.#gate.enter()
    try {
      if (this.#isClosed) return closed(this.folder)
      const result = await this.#scan(pieceIndex, proof)
      if (isIoProblem(result)) return result.code === 'not-found' ? 'missing' : result
      if (result.kind === 'ok') {
        // What a check read may still be only in the system's memory: the next sync makes it durable before it is recorded.
        for (const { file } of this.#targets(pieceIndex)) this.#dirtyFiles.add(file)
        return 'verified'
      }
      if (result.kind === 'mismatch' || result.kind === 'missing') return result.kind
      return await this.#jobProblem(result, this.#targets(pieceIndex), 'read')
    } finally {
      this.#gate.leave()
    }
  }

  async #scan(pieceIndex: number, proof: PieceProof): Promise<JobResult | IoProblem> {
    const spans = pieceSpans(this.#layout, pieceIndex)
    const targets = this.#targetsOf(spans)
    if (targets.length > FILES_PER_JOB) return this.#scanMany(pieceIndex, proof)
    const result = await this.#scanTargets(spans, targets, proof)
    if (!isIoProblem(result) || result.code !== 'not-found') return result
    // A check may come before we are told what is wanted: the share of a file that is not there may have been set aside.
    const inPart = await Promise.all(targets.map((target) => this.#orInPart(target)))
    const isAny = inPart.some((target, i) => target !== targets[i])
    return isAny ? this.#scanTargets(spans, inPart, proof) : result
  }

  async #orInPart(target: Target): Promise<Target> {
    const stat = target.file === this.#part ? undefined : await target.file.stat()
    const index = this.#files.indexOf(target.file)
    const fileOffset = (this.#layout.files[index]?.offset ?? 0) + target.fileOffset
    return stat === null ? { ...target, file: this.#part, fileOffset } : target
  }

  async #scanTargets(
    spans: readonly FileSpan[],
    targets: readonly Target[],
    proof: PieceProof,
  ): Promise<JobResult | IoProblem> {
    const handles = targets.map((target) => target.file.forReading())
    const problem = await this.#handles.pin(handles)
    if (problem !== null) return problem
    try {
      let next = 0
      const runs = spans.map((span): Run => {
        if (span.isPad) return { from: null, fileOffset: 0, lengthBytes: span.lengthBytes }
        const fileOffset = targets[next]?.fileOffset ?? 0
        return { from: handles[next++]?.fd ?? -1, fileOffset, lengthBytes: span.lengthBytes }
      })
      const { algorithm, digest } = proof
      return await this.#workers.run({ kind: 'scan', runs, algorithm, digest })
    } finally {
      this.#handles.unpin(handles)
    }
  }

  /** A piece of more files than one job may hold open: gathered here, hashed there. */
  async #scanMany(pieceIndex: number, proof: PieceProof): Promise<JobResult | IoProblem> {
    const lengthBytes = pieceLengthBytes(this.#layout, pieceIndex)
    const shared = new SharedArrayBuffer(lengthBytes)
    const problem = await this.#readInto(new Uint8Array(shared), pieceIndex, 0)
    if (problem !== null) return problem
    const { algorithm, digest } = proof
    const check = { algorithm, digest }
    return this.#workers.run({ kind: 'commit', shared, lengthBytes, check, writes: [] })
  }

  setWanted(wanted: readonly boolean[]): Promise<IoProblem | null> {
    return this.#gate.alone(async () => {
      if (this.#isClosed) return closed(this.folder)
      const before = this.#wanted
      this.#wanted = this.#layout.files.map((_, index) => wanted[index] ?? true)
      const problem = await this.#fetchFromPart()
      if (problem !== null) this.#wanted = before
      return problem
    })
  }

  /** Bytes that waited in the part file go to the files that are wanted now. */
  async #fetchFromPart(): Promise<IoProblem | null> {
    const stat = await this.#part.stat()
    if (isIoProblem(stat)) return stat
    if (stat === null) return null
    for (const [index, file] of this.#files.entries()) {
      if (this.#wanted[index] !== true || file.isOnDisk || !this.#isStored(index)) continue
      const problem = await this.#fetchFile(index, file, stat.size)
      if (problem !== null) return this.#withFreeBytes(problem)
    }
    if (this.#files.some((_, index) => this.#goesToPart(index))) return null
    // Only when what was moved is durable may the part file go.
    const problem = await this.#syncNow()
    if (problem !== null) return problem
    await Promise.all(this.#part.handles().map((handle) => this.#handles.close(handle)))
    return this.#part.remove()
  }

  async #fetchFile(index: number, file: StoredFile, partBytes: number): Promise<IoProblem | null> {
    const edges = this.#edges(index).filter((edge) => edge.streamOffset < partBytes)
    if (edges.length === 0) return null
    const stat = await file.stat()
    if (isIoProblem(stat)) return stat
    if (stat !== null) return file.isOurs ? null : wouldOverwrite(file.shownPath)
    // Written beside and renamed: a kill in between leaves no file that claims to hold what it lacks.
    const name = hiddenName(this.#layout, `${index}.tmp`)
    const beside = new StoredFile(this.#home(this.#tree), name, file.lengthBytes, true)
    const problem = (await beside.remove()) ?? (await this.#copyEdges(edges, beside))
    const renamed = problem ?? (await renameFile(beside, file))
    if (renamed !== null) await beside.remove()
    return renamed
  }

  async #copyEdges(edges: readonly Edge[], to: StoredFile): Promise<IoProblem | null> {
    const handles = [this.#part.forReading(), to.forWriting()]
    const problem = await this.#handles.pin(handles)
    if (problem !== null) return problem
    const [from, into] = [handles[0]?.fd ?? -1, handles[1]?.fd ?? -1]
    try {
      for (const { streamOffset, fileOffset, lengthBytes } of edges) {
        await copyBytes(from, streamOffset, into, fileOffset, lengthBytes)
      }
      await disk.fdatasync(into)
      return null
    } catch (error) {
      return diskProblem(error, `copy from ${this.#part.shownPath} to ${to.shownPath}`)
    } finally {
      this.#handles.unpin(handles)
      await this.#handles.close(to.forWriting())
    }
  }

  /** The file of a piece that holds nothing else, when that file is neither wanted nor on disk. */
  #loneUnwanted(pieceIndex: number): number | null {
    const spans = pieceSpans(this.#layout, pieceIndex)
    const index = spans[0]?.fileIndex ?? -1
    return spans.length === 1 && this.#goesToPart(index) ? index : null
  }

  /** A whole piece of an unwanted file came after all: only shared pieces use the part file, so make the file. */
  #takeOver(index: number): Promise<IoProblem | null> {
    return this.#gate.alone(async () => {
      const file = this.#files[index]
      if (file === undefined || !this.#goesToPart(index)) return null
      const stat = await this.#part.stat()
      if (isIoProblem(stat)) return stat
      const problem = stat === null ? null : await this.#fetchFile(index, file, stat.size)
      return problem ?? file.create()
    })
  }

  /** The runs of a file that lie in pieces which it shares with others: only those can be in the part file. */
  #edges(index: number): Edge[] {
    const pieces = filePieces(this.#layout, index)
    if (pieces === null) return []
    const edges: Edge[] = []
    for (const piece of new Set([pieces.first, pieces.last])) {
      for (const span of pieceSpans(this.#layout, piece)) {
        if (span.fileIndex !== index) continue
        const streamOffset = piece * this.#layout.pieceLength + span.pieceOffset
        edges.push({ streamOffset, fileOffset: span.fileOffset, lengthBytes: span.lengthBytes })
      }
    }
    return edges
  }

  sync(): Promise<IoProblem | null> {
    this.#syncing = this.#syncing.then(async () => {
      await this.#gate.enter()
      try {
        return this.#isClosed ? closed(this.folder) : await this.#syncNow()
      } finally {
        this.#gate.leave()
      }
    })
    return this.#syncing
  }

  #syncing: Promise<IoProblem | null> = Promise.resolve(null)

  async #syncNow(): Promise<IoProblem | null> {
    const files = this.#dirtyFiles
    const folders = this.#dirtyFolders
    this.#dirtyFiles = new Set()
    this.#dirtyFolders = new Set()
    const problems: IoProblem[] = []
    await each([...files], SYNCS_AT_ONCE, async (file) => {
      const problem = await this.#syncFile(file)
      if (problem !== null) problems.push(problem)
    })
    for (const path of folders) {
      const problem = await this.#syncFolder(path)
      if (problem !== null) problems.push(problem)
    }
    const problem = problems[0]
    if (problem === undefined) return null
    // All of it is tried again by the next sync; what it may then trust is the engine's to decide.
    for (const file of files) this.#dirtyFiles.add(file)
    for (const path of folders) this.#dirtyFolders.add(path)
    return this.#withFreeBytes(problem)
  }

  async #syncFile(file: StoredFile): Promise<IoProblem | null> {
    const handles = [file.forReading()]
    const problem = await this.#handles.pin(handles)
    if (problem !== null) return problem
    try {
      await disk.fdatasync(handles[0]?.fd ?? -1)
      return null
    } catch (error) {
      return diskProblem(error, `make ${file.shownPath} durable`)
    } finally {
      this.#handles.unpin(handles)
    }
  }

  #syncFolder(path: string): Promise<IoProblem | null> {
    return this.#tree.use(path, null, async (folder) => {
      try {
        await disk.fsync(folder.fd)
        return null
      } catch (error) {
        return diskProblem(error, `make the names in ${folder.shown('')} durable`)
      }
    })
  }

  async createEmptyFiles(): Promise<IoProblem | null> {
    await this.#gate.enter()
    try {
      if (this.#isClosed) return closed(this.folder)
      for (const [index, file] of this.#files.entries()) {
        if (file.lengthBytes > 0 || file.isReady) continue
        if (!this.#isStored(index) || this.#wanted[index] !== true) continue
        const stat = await file.stat()
        if (isIoProblem(stat)) return stat
        // An empty file that is there already is all that this one would be.
        if (stat?.isFile() === true && stat.size === 0) continue
        const problem = await file.create()
        if (problem !== null) return await this.#withFreeBytes(problem)
      }
      return null
    } finally {
      this.#gate.leave()
    }
  }

  async sizesOnDisk(): Promise<readonly number[]> {
    await this.#gate.enter()
    try {
      const sizes = this.#files.map(() => -1)
      await each([...this.#files.entries()], LOOKS_AT_ONCE, async ([index, file]) => {
        const stat = this.#isStored(index) ? await file.stat() : null
        if (stat !== null && !isIoProblem(stat) && stat.isFile()) sizes[index] = stat.size
      })
      return sizes
    } finally {
      this.#gate.leave()
    }
  }

  move(folder: string): Promise<IoProblem | null> {
    return this.#gate.alone(async () => {
      if (this.#isClosed) return closed(this.folder)
      if (folder === this.folder) return null
      await this.#closeHandles()
      const problem = await this.#syncNow()
      if (problem !== null) return problem
      await this.#closeHandles()
      const ours = this.#stored().filter((file) => file.isOurs)
      const tree = new FolderTree(folder)
      const files = this.#filesBelow(tree)
      const part = this.#partBelow(tree)
      const byPath = new Map([...files, part].map((file) => [file.path, file]))
      const notHere = await this.#notHere()
      const moved = await moveFiles(
        [...ours, this.#part].map((from) => ({ from, to: byPath.get(from.path) ?? part })),
        notHere.map((index) => files[index]).filter((file) => file !== undefined),
      )
      if (moved !== null) {
        await tree.close()
        return this.#withFreeBytes(moved, folder)
      }
      await this.#removeEmptyFolders()
      await this.#tree.close()
      this.#tree = tree
      this.#files = files
      this.#part = part
      this.#dirtyFiles.clear()
      return this.#syncNow()
    })
  }

  rename(
    layout: StorageLayout,
    { isRepeated }: { readonly isRepeated: boolean },
  ): Promise<IoProblem | null> {
    return this.#gate.alone(async () => {
      if (this.#isClosed) return closed(this.folder)
      const refused = checkLayout(layout, this.folder)
      if (refused !== null) return refused
      await this.#closeHandles()
      const unsynced = await this.#syncNow()
      if (unsynced !== null) return unsynced
      await this.#closeHandles()
      const fresh = this.#filesBelow(this.#tree, layout)
      const files = this.#files.map((file, index) => {
        const next = fresh[index] ?? file
        return next.path === file.path ? file : next
      })
      const part = this.#partBelow(this.#tree, layout)
      const moves = this.#stored()
        .filter((file) => file.isOurs)
        .map((from): Move => ({ from, to: files[this.#files.indexOf(from)] ?? from }))
        .filter(({ from, to }) => from !== to)
      if (part.path !== this.#part.path) moves.push({ from: this.#part, to: part })
      if (isRepeated) await yieldPlaces(moves)
      // Done again, what has its new name already is not here under the old one.
      const notHere = isRepeated ? [] : await this.#notHere()
      const kept = notHere.map((index) => files[index]).filter((file) => file !== undefined)
      const problem = await moveFiles(
        moves,
        kept.filter((file) => !this.#files.includes(file)),
      )
      if (problem !== null) {
        await this.#removeEmptyFolders(files)
        return this.#withFreeBytes(problem)
      }
      const left = new Set(moves.map(({ from }) => from.folderPath))
      await this.#removeEmptyFolders()
      this.#layout = layout
      this.#files = files
      this.#part = part
      this.#dirtyFiles.clear()
      for (const path of left) if (await this.#isFolder(path)) this.#dirtyFolders.add(path)
      return this.#syncNow()
    })
  }

  /** Indexes of files that are to come, or that others put under their names. */
  async #notHere(): Promise<readonly number[]> {
    const indexes: number[] = []
    for (const [index, file] of this.#files.entries()) {
      if (!this.#isStored(index)) continue
      const isHere = file.isOurs && (await file.stat()) !== null
      if (!isHere) indexes.push(index)
    }
    return indexes
  }

  async #isFolder(path: string): Promise<boolean> {
    const found = await this.#tree.use(path, null, () => Promise.resolve(true))
    return found === true
  }

  close(options: { readonly deleteData: boolean }): Promise<IoProblem | null> {
    return this.#gate.alone(async () => {
      if (this.#isClosed) return null
      this.#isClosed = true
      await this.#closeHandles()
      let problem: IoProblem | null = null
      if (options.deleteData) {
        for (const file of [...this.#stored(), this.#part]) {
          problem = (await file.remove()) ?? problem
        }
        await this.#removeEmptyFolders()
      }
      await this.#tree.close()
      return problem
    })
  }

  async #closeHandles(): Promise<void> {
    for (const file of [...this.#files, this.#part]) {
      for (const handle of file.handles()) await this.#handles.close(handle)
    }
  }

  /** The torrent's own folders, from the deepest; one that holds anything else stays. */
  async #removeEmptyFolders(files: readonly StoredFile[] = this.#stored()): Promise<void> {
    const paths = new Set<string>()
    for (const file of files) {
      let path = file.folderPath
      while (path !== '' && !paths.has(path)) {
        paths.add(path)
        path = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      }
    }
    await this.#tree.close()
    const deepestFirst = [...paths].sort((a, b) => b.split('/').length - a.split('/').length)
    for (const path of deepestFirst) {
      const slash = path.lastIndexOf('/')
      await this.#tree.use(slash < 0 ? '' : path.slice(0, slash), null, async (parent) => {
        await disk.rmdir(parent.at(path.slice(slash + 1))).catch(() => {})
        return null
      })
    }
    // Handles of folders that are gone must not answer for them.
    await this.#tree.close()
  }

  #filesBelow(tree: FolderTree, layout = this.#layout): readonly StoredFile[] {
    const home = this.#home(tree)
    return layout.files.map((file) => new StoredFile(home, file.path, file.lengthBytes, false))
  }

  #partBelow(tree: FolderTree, layout = this.#layout): StoredFile {
    const name = hiddenName(layout, 'parts')
    return new StoredFile(this.#home(tree), name, layout.totalBytes, true)
  }

  #home(tree: FolderTree): FileHome {
    return { tree, made: (folderPath) => void this.#dirtyFolders.add(folderPath) }
  }

  #stored(): StoredFile[] {
    return this.#files.filter((_, index) => this.#isStored(index))
  }

  #isStored(index: number): boolean {
    return this.#layout.files[index]?.isPad === false
  }

  /** Unwanted, and not on disk by our doing: its share of a piece waits in the part file. */
  #goesToPart(index: number): boolean {
    const file = this.#files[index]
    if (file === undefined || this.#wanted[index] !== false || !this.#isStored(index)) return false
    return !(file.isOurs && file.isOnDisk)
  }

  #targets(pieceIndex: number): readonly Target[] {
    return this.#targetsOf(pieceSpans(this.#layout, pieceIndex))
  }

  #targetsOf(spans: readonly FileSpan[]): readonly Target[] {
    const targets: Target[] = []
    for (const span of spans) {
      if (span.isPad) continue
      const file = this.#files[span.fileIndex]
      if (file === undefined) continue
      const { pieceOffset, lengthBytes } = span
      const layoutFile = this.#layout.files[span.fileIndex]
      if (this.#goesToPart(span.fileIndex) && layoutFile !== undefined) {
        const fileOffset = layoutFile.offset + span.fileOffset
        targets.push({ file: this.#part, fileOffset, pieceOffset, lengthBytes })
      } else {
        targets.push({ file, fileOffset: span.fileOffset, pieceOffset, lengthBytes })
      }
    }
    return targets
  }

  async #jobProblem(
    result: JobResult,
    targets: readonly Target[],
    verb: 'read' | 'write',
  ): Promise<IoProblem> {
    if (result.kind !== 'failed') return diskProblem('unknown', `${verb} in ${this.folder}`)
    if (result.errno === 'closed') return closed(this.folder)
    const path = targets[result.index]?.file.shownPath ?? this.folder
    return this.#withFreeBytes(diskProblem(result.errno, `${verb} ${path}`))
  }

  async #withFreeBytes(problem: IoProblem, folder = this.folder): Promise<IoProblem> {
    if (problem.code !== 'disk-full') return problem
    const free = await freeBytes(folder)
    if (isIoProblem(free)) return problem
    const message = `${problem.message}; ${free} bytes are free in ${folder}`
    return ioProblem('disk-full', message, problem.help)
  }
}

/** Files that one job may hold open. */
export const FILES_PER_JOB = 16
const SYNCS_AT_ONCE = 4
const LOOKS_AT_ONCE = 16
const VERIFIED: CommitResult = { kind: 'verified' }

interface Target {
  readonly file: StoredFile
  readonly fileOffset: number
  readonly pieceOffset: number
  readonly lengthBytes: number
}

interface Edge {
  readonly streamOffset: number
  readonly fileOffset: number
  readonly lengthBytes: number
}

function closed(folder: string): IoProblem {
  return ioProblem('closed', `the files below ${folder} are closed`, '')
}

/** Does something with each of many, some at a time. */
async function each<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

/** The part of a piece's spans that lies in a run of it; `pieceOffset` then counts from `begin`. */
function clip(spans: readonly FileSpan[], begin: number, lengthBytes: number): FileSpan[] {
  const clipped: FileSpan[] = []
  for (const span of spans) {
    const from = Math.max(span.pieceOffset, begin)
    const to = Math.min(span.pieceOffset + span.lengthBytes, begin + lengthBytes)
    if (to <= from) continue
    clipped.push({
      ...span,
      fileOffset: span.fileOffset + from - span.pieceOffset,
      pieceOffset: from - begin,
      lengthBytes: to - from,
    })
  }
  return clipped
}

async function readTarget(into: Uint8Array, target: Target, fd: number): Promise<IoProblem | null> {
  let doneBytes = 0
  try {
    while (doneBytes < target.lengthBytes) {
      const at = target.pieceOffset + doneBytes
      const leftBytes = target.lengthBytes - doneBytes
      const gotBytes = await disk.read(fd, into, at, leftBytes, target.fileOffset + doneBytes)
      if (gotBytes === 0) return tooShort(target.file.shownPath)
      doneBytes += gotBytes
    }
    return null
  } catch (error) {
    return diskProblem(error, `read ${target.file.shownPath}`)
  }
}

function tooShort(path: string): IoProblem {
  return ioProblem('not-found', `${path} is shorter than it should be`, 'Recheck the torrent.')
}
