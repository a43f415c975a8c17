/**
 * One torrent's life: from a magnet's bare name or a .torrent file, over checking what is on disk, to transferring and
 * seeding; paused, moved, removed. Steps that change its phase run one after the other; moving bytes is `Transfer`'s.
 */
import { selectedIndices } from '@pigeon/protocol/bep/0053-select-only'
import type { InfoHashes } from '@pigeon/protocol/info-hash'
import { torrentId } from '@pigeon/protocol/info-hash'
import type { Millis } from '@pigeon/protocol/machine'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { parseInfo } from '@pigeon/protocol/metainfo'
import { countBits } from '@pigeon/protocol/wire/bitfield'
import { safeComponent } from '../file-names.ts'
import type { StorageLayout } from '../layout.ts'
import { geometryOf, layoutOf } from '../layout.ts'
import type { TorrentRecord, TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { ioProblem, isIoProblem } from '../problem.ts'
import { isGoalReached } from '../queue.ts'
import type { RenameFault } from '../renames.ts'
import { planRename } from '../renames.ts'
import type { Queued } from '../session/queue-order.ts'
import { LIMITS } from '../settings.ts'
import { checkPieces } from './check.ts'
import { Content } from './content.ts'
import type { TorrentSummary } from './describe.ts'
import { summaryOf } from './describe.ts'
import { goalsOf } from './goals.ts'
import type { FilePriority, TorrentOptions } from './options.ts'
import { encodeOptions } from './options.ts'
import type { Totals } from './progress.ts'
import { Progress } from './progress.ts'
import type { RenameRun } from './renaming.ts'
import { finishRename, renameFiles } from './renaming.ts'
import { Selection } from './selection.ts'
import { TorrentLog } from './torrent-log.ts'
import type { TorrentWorld, TransferOwner } from './transfer.ts'
import { Transfer } from './transfer.ts'

export interface TorrentInit {
  readonly infoHashes: InfoHashes
  readonly metainfo: Metainfo | null
  readonly options: TorrentOptions
  readonly verified: Uint8Array
  readonly totals: Totals
  /** Whether a record holds it already. */
  readonly isRecorded: boolean
}

export type Phase = 'idle' | 'metadata' | 'checking' | 'transfer' | 'moving'

export class Torrent implements TransferOwner, Queued {
  readonly id: string
  readonly infoHashes: InfoHashes
  readonly options: TorrentOptions
  readonly totals: Totals
  readonly log: TorrentLog
  readonly transfer: Transfer
  phase: Phase = 'idle'
  problem: IoProblem | null = null
  /** 0 to 1, while checking. */
  checkedShare = 0
  metainfo: Metainfo | null
  content: Content | null = null
  /** Kept by the session's queue. */
  queuePosition: number | null = null
  readonly #world: TorrentWorld
  readonly #verified: Uint8Array
  #jobs: Promise<void> = Promise.resolve()
  #hasTurn = false
  /** It is being removed, or the session ends. */
  isEnding = false
  /** Checks that the user asked for and that are not done: they run even while paused. */
  #demandedChecks = 0
  #lastTickMs: Millis
  /** The info dictionary that the record holds; `undefined` when there is no record yet. */
  #recordedInfo: Uint8Array | null | undefined
  /** Made when it is first asked for. */
  #layout: StorageLayout | null = null
  #selection: Selection | null = null
  #isStale = true
  #recordedActiveAtMs: number | null
  #summary: { readonly shown: TorrentSummary; readonly seededMinute: number } | null = null
  #nextDiskTryMs: Millis = 0
  #nextGoalCheckMs: Millis = 0

  constructor(world: TorrentWorld, init: TorrentInit) {
    this.#world = world
    this.infoHashes = init.infoHashes
    this.id = torrentId(init.infoHashes)
    this.metainfo = init.metainfo
    this.options = init.options
    this.totals = init.totals
    this.#verified = init.verified
    this.#recordedActiveAtMs = init.options.activeAtMs
    this.#recordedInfo = init.isRecorded ? this.infoBytes : undefined
    this.#lastTickMs = world.ports.clock.nowMs()
    this.log = new TorrentLog(() => world.ports.clock.wallMs())
    this.transfer = new Transfer(world, this)
  }

  get infoBytes(): Uint8Array | null {
    return this.metainfo?.infoBytes ?? null
  }

  get isPrivate(): boolean {
    return this.metainfo?.isPrivate ?? false
  }

  get name(): string {
    return this.options.shownName ?? this.metainfo?.name ?? this.options.name
  }

  get queueKey(): number {
    return this.options.queueKey
  }

  set queueKey(key: number) {
    this.options.queueKey = key
  }

  get isForced(): boolean {
    return this.options.isForced
  }

  get wantsTurn(): boolean {
    return this.isWilling
  }

  /** Where its files lie, as renamed; `null` while the metadata is unknown. */
  get layout(): StorageLayout | null {
    if (this.metainfo !== null) this.#layout ??= layoutOf(this.metainfo, this.options.renames)
    return this.#layout
  }

  /** What is wanted of it, also while its files are not open; `null` while the metadata is unknown. */
  get selection(): Selection | null {
    if (this.content !== null) return this.content.selection
    if (this.metainfo !== null)
      this.#selection ??= new Selection(geometryOf(this.metainfo), this.options.priorities)
    return this.#selection
  }

  /** Verified pieces, one bit each, also while its files are not open. */
  get verified(): Uint8Array {
    return this.content?.progress.have ?? this.#verified
  }

  /** What the list shows; the same object until something about it is another. */
  summary(nowMs: Millis): TorrentSummary {
    const seededMinute = Math.floor(this.totals.seededMs / 60_000)
    const last = this.#summary
    const isMoving = last !== null && last.shown.downRate + last.shown.upRate > 0
    const isBusy = isMoving || this.transfer.swarm.peers.size > 0
    if (last !== null && !this.#isStale && !isBusy && last.seededMinute === seededMinute)
      return last.shown
    this.#isStale = false
    const shown = summaryOf(this, nowMs)
    this.#summary = { shown, seededMinute }
    return shown
  }

  touch(): void {
    this.#isStale = true
    this.#world.onChange(this.id)
  }

  /** As `touch`, where whoever shows it looks anyway. */
  markStale(): void {
    this.#isStale = true
  }

  /** Whether it wants a turn in the queue at all. */
  get isWilling(): boolean {
    return !this.options.isPaused && !this.isEnding && this.problem === null
  }

  /** Whether its turn in the queue has come. */
  get hasTurn(): boolean {
    return this.#hasTurn
  }

  get isFinished(): boolean {
    return this.content?.isFinished ?? this.options.finishedAtMs !== null
  }

  // Commands. Each is decided at once and recorded; what follows from it goes on after the answer.

  setTurn(hasTurn: boolean): void {
    if (this.#hasTurn === hasTurn) return
    this.#hasTurn = hasTurn
    this.#adjust()
  }

  pause(): Promise<IoProblem | null> {
    this.options.isPaused = true
    this.#world.onTurnChange()
    this.#adjust()
    return this.save()
  }

  /** `isForced` stays as it is when absent. */
  resume(isForced: boolean = this.options.isForced): Promise<IoProblem | null> {
    this.options.isForced = isForced
    if (this.isFinished && this.#isGoalReached()) this.options.isGoalWaived = true
    this.options.isPaused = false
    this.problem = null
    this.#world.onTurnChange()
    this.#adjust()
    return this.save()
  }

  /** Hashes everything on disk again, also while paused. */
  recheck(): Promise<IoProblem | null> {
    this.options.needsCheck = true
    this.problem = null
    this.#demandedChecks += 1
    void this.#enqueue(async () => {
      await this.#leave()
      this.options.needsCheck = true
      if ((await this.#openContent()) && this.content !== null) await this.#check(this.content)
      this.#demandedChecks -= 1
      await this.#enterWhenWanted()
    })
    return this.save()
  }

  async setPriorities(
    changes: readonly { readonly index: number; readonly priority: FilePriority }[],
  ): Promise<IoProblem | null> {
    const known = this.metainfo?.files.length ?? 0
    const priorities = Array.from(
      { length: Math.max(known, this.options.priorities.length) },
      (_, index): FilePriority => this.options.priorities[index] ?? 'normal',
    )
    for (const { index, priority } of changes) priorities[index] = priority
    this.options.priorities = priorities
    this.#selection = null
    const wasFinished = this.isFinished
    const problem = (await this.content?.setPriorities(priorities)) ?? null
    if (problem !== null) return problem
    this.transfer.selectionChanged()
    if (!wasFinished && this.isFinished) this.onFinished()
    return this.save()
  }

  /** Its limits, its category, or that one's limits changed. */
  limitsChanged(): void {
    const wasWaived = this.options.isGoalWaived
    this.options.isGoalWaived = false
    this.transfer.limitsChanged()
    if (wasWaived) void this.save()
  }

  /** Gives it, or a file or folder of it, another name; answers when the disk and the record have it. */
  async rename(path: string | null, name: string): Promise<RenameFault | IoProblem | null> {
    if (this.metainfo === null) {
      if (path !== null) return 'no-such-path'
      this.options.shownName = safeComponent(name)
      return this.save()
    }
    const outcome: { is: RenameFault | IoProblem | null } = { is: null }
    await this.#enqueue(async () => {
      outcome.is = await this.#rename(path, name)
      await this.#enterWhenWanted()
    })
    return outcome.is
  }

  /** Moves the files; the torrent goes on from there. */
  move(folder: string): void {
    void this.#enqueue(async () => {
      await this.#leave()
      if (this.metainfo !== null && !(await this.#openContent())) return
      if (this.content !== null && !this.options.needsCheck)
        this.#failOn(await this.#claimFiles(this.content))
      this.#setPhase('moving')
      const problem = (await this.content?.storage.move(folder)) ?? null
      this.#setPhase('idle')
      if (problem === null) {
        this.options.folder = folder
        this.#lookAnew()
        this.log.write('info', `Moved to ${folder}`)
        this.#failOn(await this.save())
      } else this.onProblem(problem)
      await this.#enterWhenWanted()
    })
  }

  /** Ends it for this run; the record stays. */
  shutDown(): Promise<void> {
    this.isEnding = true
    return this.#enqueue(async () => {
      await this.#leave()
      await this.transfer.announcer.stop()
      await this.content?.storage.close({ deleteData: false })
      if (this.options.activeAtMs !== this.#recordedActiveAtMs) await this.save()
    })
  }

  /** Ends it for good. */
  async remove(deleteData: boolean): Promise<IoProblem | null> {
    this.isEnding = true
    let problem: IoProblem | null = null
    await this.#enqueue(async () => {
      await this.#leave()
      // Whatever the record says, what is ours is to go.
      if (deleteData && this.content === null && this.metainfo !== null) {
        this.problem = null
        // Where its files cannot be looked at, they stay, and that is said.
        if ((await this.#makeContent(this.metainfo)) === null) problem = this.problem
      }
      problem = (await this.content?.storage.close({ deleteData })) ?? problem
    })
    return (await this.#world.ports.records.remove(this.id)) ?? problem
  }

  async save(): Promise<IoProblem | null> {
    this.touch()
    const { records } = this.#world.ports
    const { infoBytes } = this
    this.#recordedActiveAtMs = this.options.activeAtMs
    if (this.#recordedInfo === infoBytes)
      return records.saveOptions(this.id, encodeOptions(this.options))
    const problem = await records.save(this.record())
    if (problem === null) this.#recordedInfo = infoBytes
    return problem
  }

  record(): TorrentRecord {
    const verified = this.content?.progress.recorded ?? this.#verified
    return {
      id: this.id,
      infoHashes: this.infoHashes,
      infoBytes: this.infoBytes,
      optionsJson: encodeOptions(this.options),
      progress: { verified, ...this.totals },
    }
  }

  tick(nowMs: Millis): void {
    const elapsedMs = nowMs - this.#lastTickMs
    this.#lastTickMs = nowMs
    if (this.problem?.code === 'disk-full') this.#retryDisk(nowMs)
    if (this.phase === 'idle') return
    this.transfer.swarm.tick(nowMs)
    const content = this.content
    if (content === null || this.phase !== 'transfer') return
    if (content.isFinished) this.#seeded(content, elapsedMs, nowMs)
    const syncing = content.progress.syncWhenDue(content.storage, nowMs)
    if (syncing !== null) void syncing.then((problem) => this.#judgeSync(problem))
  }

  // What its transfer reports.

  onMetadata(infoBytes: Uint8Array): void {
    const parsed = parseInfo(infoBytes)
    if (!parsed.ok) {
      this.onProblem(
        ioProblem(
          'bad-answer',
          `The torrent's metadata is not valid: ${parsed.fault.message} (${parsed.fault.where})`,
          'The torrent itself is broken; ask its publisher for another. Remove this one.',
        ),
      )
      return
    }
    this.metainfo = parsed.metainfo
    this.#takeWishes(parsed.metainfo)
    this.log.write('info', 'Metadata received')
    if (parsed.metainfo.isPrivate) this.transfer.becamePrivate()
    if (this.options.stopAtMetadata) this.stopAtMetadata()
    void this.#enqueue(async () => {
      this.#failOn(await this.save())
      if (this.phase !== 'metadata') return
      if (this.options.isPaused || !(await this.#prepare()) || this.content === null) {
        await this.#leave()
        return
      }
      this.#setPhase('transfer')
      this.transfer.becameKnown(this.content)
      if (this.content.isFinished) this.onFinished()
    })
  }

  /** Nothing was fetched yet: the user may choose first. */
  stopAtMetadata(): void {
    this.options.stopAtMetadata = false
    this.options.isPaused = true
    this.log.write(
      'info',
      'Paused, as was wished, before anything is fetched: choose files and resume',
    )
    this.#world.onTurnChange()
  }

  onFinished(): void {
    if (this.options.finishedAtMs === null) {
      this.options.finishedAtMs = this.#world.ports.clock.wallMs()
      this.log.write('info', 'All wanted files are here and verified')
    }
    const content = this.content
    if (content !== null)
      void content.progress.sync(content.storage).then((problem) => this.#judgeSync(problem))
    void this.save()
    this.#world.onTurnChange()
  }

  onProblem(problem: IoProblem): void {
    if (this.problem !== null) return
    this.problem = problem
    this.log.write('error', `${problem.message} ${problem.help}`)
    this.#nextDiskTryMs = this.#world.ports.clock.nowMs() + LIMITS.diskRetryMs
    this.#world.onTurnChange()
    this.#adjust()
  }

  // The phases, one step at a time.

  /** Steps never overlap; a step that throws is a bug and surfaces as one. */
  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#jobs = this.#jobs.then(step)
    return this.#jobs
  }

  #mayRun(): boolean {
    return this.isWilling && this.#hasTurn
  }

  /** Brings the phase in line with what is wished. */
  #adjust(): void {
    this.touch()
    void this.#enqueue(async () => {
      if (!this.#mayRun()) await this.#leave()
      else await this.#enterWhenWanted()
    })
  }

  async #enterWhenWanted(): Promise<void> {
    if (!this.#mayRun() || this.phase !== 'idle') return
    if (this.metainfo === null) {
      this.#setPhase('metadata')
      this.#world.ports.storage.prepare()
      this.transfer.open()
      return
    }
    if (!(await this.#prepare()) || this.content === null) return
    this.#setPhase('transfer')
    this.transfer.open()
    if (this.content.isFinished && this.options.finishedAtMs === null) this.onFinished()
  }

  async #leave(): Promise<void> {
    if (this.phase === 'idle' && !this.transfer.isOpen) return
    await this.transfer.close()
    const content = this.content
    if (content !== null) {
      content.cache.clear()
      const problem = await content.progress.sync(content.storage)
      if (problem !== null) this.#judgeSync(problem)
    }
    this.#setPhase('idle')
  }

  /** Opens the files and makes sure of what is on disk; `false` when that cannot be, or is not wanted any more. */
  async #prepare(): Promise<boolean> {
    if (!(await this.#openContent()) || this.content === null) return false
    if (this.options.needsCheck && !(await this.#check(this.content))) return false
    const problem =
      (await this.#claimFiles(this.content)) ??
      (await this.content.setPriorities(this.options.priorities)) ??
      (await this.content.storage.createEmptyFiles())
    if (problem !== null) this.onProblem(problem)
    return problem === null && this.#mayRun()
  }

  /** Files that were here before us and hold nothing of this torrent stay the user's: they are never written to. */
  async #claimFiles(content: Content): Promise<IoProblem | null> {
    const sizes = await content.storage.sizesOnDisk()
    const before = this.options.foreignFiles
    const foreign = content.layout.files
      .filter(({ fileIndex, isPad }) => {
        const mayBeForeign = before === null || before.includes(fileIndex)
        const isThere = !isPad && (sizes[fileIndex] ?? -1) > 0
        return mayBeForeign && isThere && !content.hasAnyOf(fileIndex)
      })
      .map(({ fileIndex }) => fileIndex)
    const kept = new Set(foreign)
    content.storage.claim(
      content.layout.files.map((_, index) => index).filter((index) => !kept.has(index)),
    )
    if (before !== null && before.length === foreign.length) return null
    this.options.foreignFiles = foreign
    return this.save()
  }

  async #openContent(): Promise<boolean> {
    if (this.content !== null || this.metainfo === null) return this.content !== null
    const content = await this.#makeContent(this.metainfo)
    if (content === null) return false
    return this.options.needsCheck || this.#matchesRecord(content)
  }

  async #rename(path: string | null, name: string): Promise<RenameFault | IoProblem | null> {
    const { layout } = this
    if (layout === null) return 'no-such-path'
    const plan = planRename(layout, path ?? layout.rootName, name)
    if ('fault' in plan) return plan.fault
    if (this.options.renames.length >= LIMITS.renames) return 'too-many'
    await this.#leave()
    if (!(await this.#openContent()) || this.content === null) return this.problem
    // Only what was looked at is known to be ours, and only that is renamed.
    if (this.options.needsCheck) await this.#checkOnDemand(this.content)
    this.#failOn(await this.#claimFiles(this.content))
    this.#setPhase('moving')
    const { storage } = this.content
    const problem = await renameFiles(this.#renameRun(layout, storage), plan.rename)
    this.#setPhase('idle')
    if (problem === null)
      this.log.write('info', `Renamed ${plan.rename.path} to ${plan.rename.name}`)
    this.#layout = null
    this.content.layout = this.layout ?? layout
    return problem
  }

  #renameRun(layout: StorageLayout, storage: TorrentStorage): RenameRun {
    return {
      options: this.options,
      layout,
      storage,
      onRenamed: () => this.#lookAnew(),
      save: () => this.save(),
    }
  }

  /** Where nothing was brought along, what lies under the new names may be others', or its own. */
  #lookAnew(): void {
    if (this.metainfo === null || countBits(this.verified) > 0) return
    this.options.needsCheck = true
    this.options.foreignFiles = null
  }

  async #checkOnDemand(content: Content): Promise<void> {
    this.#demandedChecks += 1
    await this.#check(content)
    this.#demandedChecks -= 1
  }

  /** Opens the files, and says which of them are ours. */
  async #makeContent(metainfo: Metainfo): Promise<Content | null> {
    const { ports, readMemory } = this.#world
    const before = this.layout ?? layoutOf(metainfo, this.options.renames)
    const storage = await ports.storage.open(before, this.options.folder)
    if (isIoProblem(storage)) {
      this.onProblem(storage)
      return null
    }
    const unfinished = await finishRename(this.#renameRun(before, storage))
    if (unfinished !== null) {
      this.onProblem(unfinished)
      await storage.close({ deleteData: false })
      return null
    }
    this.#layout = null
    const layout = this.layout ?? before
    const progress = new Progress({
      id: this.id,
      pieceCount: layout.pieceCount,
      verified: this.#verified,
      totals: this.totals,
      records: ports.records,
    })
    const content = new Content({
      metainfo,
      layout,
      storage,
      progress,
      priorities: this.options.priorities,
      isSequential: this.options.isSequential,
      readMemory,
      random: (below) => ports.random.int(below),
    })
    this.content = content
    // Before a first check nobody knows whose they are; after it, the record does.
    if (this.options.foreignFiles !== null) this.#failOn(await this.#claimFiles(content))
    return content
  }

  /** Whether the files can hold what the record says; a record is believed only as far as they reach. */
  async #matchesRecord(content: Content): Promise<boolean> {
    const onDisk = new Set(content.piecesOnDisk(await content.storage.sizesOnDisk()))
    for (let pieceIndex = 0; pieceIndex < content.layout.pieceCount; pieceIndex += 1) {
      if (!content.progress.has(pieceIndex) || onDisk.has(pieceIndex)) continue
      this.onProblem(
        ioProblem(
          'not-found',
          `Files of this torrent that were complete are missing or shorter than before in ${this.options.folder}.`,
          'Bring them back and resume, or recheck to fetch again what is missing.',
        ),
      )
      await content.storage.close({ deleteData: false })
      this.content = null
      return false
    }
    return true
  }

  /** Hashes what is on disk; `false` when it was broken off. */
  async #check(content: Content): Promise<boolean> {
    const before = this.phase
    this.#setPhase('checking')
    this.checkedShare = 0
    const onDisk = content.piecesOnDisk(await content.storage.sizesOnDisk())
    const doubtful = new Set(onDisk)
    for (let pieceIndex = 0; pieceIndex < content.layout.pieceCount; pieceIndex += 1)
      if (!doubtful.has(pieceIndex)) content.lost(pieceIndex)
    let done = 0
    const problem = await checkPieces({
      storage: content.storage,
      hashes: content.metainfo.hashes,
      pieceIndexes: onDisk,
      onResult: (pieceIndex, isVerified) => {
        done += 1
        this.checkedShare = done / onDisk.length
        if (isVerified) {
          content.picker.setHave(pieceIndex)
          content.verified(pieceIndex)
        } else content.lost(pieceIndex)
        this.touch()
      },
      isStopped: () => this.isEnding || !(this.#mayRun() || this.#demandedChecks > 0),
    })
    this.#setPhase(before)
    if (problem !== null) this.onProblem(problem)
    if (problem !== null || done < onDisk.length) return false
    this.options.needsCheck = false
    this.#failOn((await content.progress.sync(content.storage)) ?? (await this.save()))
    return true
  }

  /** A magnet's `so`, or the user's choice made before the files were known. */
  #takeWishes(metainfo: Metainfo): void {
    const wanted = this.options.wantedFiles
    if (wanted === null || this.options.priorities.length > 0) return
    const chosen = new Set(selectedIndices(wanted, metainfo.files.length))
    this.options.priorities = metainfo.files.map((_, index) =>
      chosen.has(index) ? 'normal' : 'skip',
    )
  }

  #seeded(content: Content, elapsedMs: Millis, nowMs: Millis): void {
    this.totals.seededMs += elapsedMs
    content.progress.touch()
    if (nowMs < this.#nextGoalCheckMs) return
    this.#nextGoalCheckMs = nowMs + LIMITS.goalCheckMs
    if (this.options.isGoalWaived || !this.#isGoalReached()) return
    this.log.write('info', 'Its seeding goal is reached: paused')
    void this.pause()
  }

  #isGoalReached(): boolean {
    const nowMs = this.#world.ports.clock.nowMs()
    return isGoalReached(
      {
        uploadedBytes: this.totals.uploadedBytes,
        downloadedBytes: this.totals.downloadedBytes,
        wantedBytes: this.selection?.wantedBytes ?? 0,
        seededMs: this.totals.seededMs,
        idleMs: this.phase === 'transfer' ? this.transfer.idleMs(nowMs) : 0,
      },
      goalsOf(
        this.options.limits,
        this.#world.categories.get(this.options.category),
        this.#world.settings,
      ),
    )
  }

  /**
   * What could not be made durable is not believed any more, and fetched again. Hashing it would prove nothing: after a
   * failed sync the system may still show the bytes from memory that never reached the disk.
   */
  #judgeSync(problem: IoProblem | null): void {
    if (problem === null) return
    const content = this.content
    if (content === null) return
    for (const pieceIndex of content.progress.unrecorded()) content.lost(pieceIndex)
    this.onProblem(problem)
  }

  /** With room again, a torrent that a full disk stopped goes on by itself. */
  #retryDisk(nowMs: Millis): void {
    if (nowMs < this.#nextDiskTryMs) return
    this.#nextDiskTryMs = nowMs + LIMITS.diskRetryMs
    const needed = LIMITS.diskHeadroomBytes + (this.metainfo?.pieceLength ?? 0)
    void this.#world.ports.storage.freeBytes(this.options.folder).then((freeBytes) => {
      const isStill = this.problem?.code === 'disk-full' && !this.options.isPaused
      if (isIoProblem(freeBytes) || freeBytes < needed || !isStill) return
      this.log.write('info', 'There is room on the disk again: going on')
      void this.resume()
    })
  }

  #failOn(problem: IoProblem | null): void {
    if (problem !== null) this.onProblem(problem)
  }

  #setPhase(phase: Phase): void {
    this.phase = phase
    this.touch()
  }
}
