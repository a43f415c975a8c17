import { describe, expect, it } from 'vitest'
import { type OpenPiece, PiecePicker } from './piece-picker.ts'

const BLOCK = 16_384

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const always: OpenPiece = () => true

interface Setup {
  readonly pieceCount?: number
  readonly blocksPerPiece?: number
  readonly totalBytes?: number
  readonly seed?: number
}

function newPicker(setup: Setup = {}): PiecePicker {
  const { pieceCount = 10, blocksPerPiece = 4, seed = 1 } = setup
  const pieceLength = blocksPerPiece * BLOCK
  const totalBytes = setup.totalBytes ?? pieceCount * pieceLength
  return new PiecePicker({
    pieceCount,
    pieceLengthOf: (index) => Math.min(pieceLength, totalBytes - index * pieceLength),
    blockBytes: BLOCK,
    random: seeded(seed),
  })
}

function bits(pieceCount: number, pieces: Iterable<number>): Uint8Array {
  const set = new Uint8Array(Math.ceil(pieceCount / 8))
  for (const piece of pieces) set[piece >> 3] = (set[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
  return set
}

function all(pieceCount: number): Uint8Array {
  return bits(
    pieceCount,
    Array.from({ length: pieceCount }, (_, index) => index),
  )
}

const fast = (id: number): { id: number; isSlow: boolean } => ({ id, isSlow: false })
const slow = (id: number): { id: number; isSlow: boolean } => ({ id, isSlow: true })

function fetchPiece(picker: PiecePicker, piece: number, peer: number, blocks = 4): void {
  for (let block = 0; block < blocks; block += 1) picker.blockReceived(piece, block * BLOCK, peer)
}

/** The peer has proved itself before. */
function met(picker: PiecePicker, peerId: number, has: Uint8Array): void {
  picker.peerHas(peerId, has)
  picker.trust(peerId)
}

/** Verifies some pieces so that the random first ones are behind. */
function warm(picker: PiecePicker, pieces: readonly number[]): void {
  for (const piece of pieces) picker.setHave(piece)
}

describe('what is asked for', () => {
  it('gives runs of consecutive blocks of one piece', () => {
    const picker = newPicker({ blocksPerPiece: 32 })
    met(picker, 1, all(10))
    const picked = picker.pick(fast(1), 40, always)
    expect(picked).toHaveLength(40)
    expect(new Set(picked.slice(0, 32).map((block) => block.pieceIndex)).size).toBe(1)
    expect(picked.slice(0, 32).map((block) => block.begin / BLOCK)).toEqual([...Array(32).keys()])
  })

  it('finishes pieces under way before it begins others', () => {
    const picker = newPicker()
    met(picker, 1, all(10))
    met(picker, 2, all(10))
    const first = picker.pick(fast(1), 2, always)
    const second = picker.pick(fast(2), 2, always)
    expect(second.map((block) => block.pieceIndex)).toEqual([
      first[0]?.pieceIndex,
      first[0]?.pieceIndex,
    ])
    expect(picker.partialCount).toBe(1)
  })

  it('asks for a short last block, and never beyond the end', () => {
    const picker = newPicker({ pieceCount: 1, totalBytes: BLOCK + 5 })
    met(picker, 1, all(1))
    expect(picker.pick(fast(1), 9, always)).toEqual([
      { pieceIndex: 0, begin: 0, lengthBytes: BLOCK },
      { pieceIndex: 0, begin: BLOCK, lengthBytes: 5 },
    ])
  })

  it('asks for the rarest piece first', () => {
    const picker = newPicker({ pieceCount: 20 })
    warm(picker, [0, 1, 2, 3])
    met(picker, 1, all(20))
    for (let peer = 2; peer < 6; peer += 1) {
      const most = Array.from({ length: 20 }, (_, index) => index).filter((index) => index !== 11)
      met(picker, peer, bits(20, most))
    }
    expect(picker.pick(fast(1), 1, always)[0]?.pieceIndex).toBe(11)
    expect(picker.availabilityOf(11)).toBe(1)
    expect(picker.availabilityOf(12)).toBe(5)
  })

  it('begins with random pieces, not rare ones', () => {
    const begun = new Set<number>()
    for (let seed = 1; seed < 40; seed += 1) {
      const picker = newPicker({ pieceCount: 64, seed: seed * 7919 })
      met(picker, 1, all(64))
      met(picker, 2, bits(64, [...Array(63).keys()]))
      begun.add(picker.pick(fast(1), 1, always)[0]?.pieceIndex ?? -1)
    }
    expect(begun.size).toBeGreaterThan(15)
  })

  it('goes in order when sequential', () => {
    const picker = newPicker()
    picker.setSequential(true)
    met(picker, 1, bits(10, [9, 2, 5]))
    expect(picker.pick(fast(1), 12, always).map((block) => block.pieceIndex)).toEqual(
      [2, 5, 9].flatMap((piece) => [piece, piece, piece, piece]),
    )
  })

  it('asks for higher priorities first and never for what is skipped', () => {
    const picker = newPicker()
    warm(picker, [0, 1, 2, 3])
    picker.setPriorities(Uint8Array.from([2, 2, 2, 2, 0, 1, 2, 3, 0, 1]))
    met(picker, 1, all(10))
    const pieces = picker.pick(fast(1), 100, always).map((block) => block.pieceIndex)
    const order = [...new Set(pieces)]
    expect(order.slice(0, 2)).toEqual([7, 6])
    expect(order.slice(2).sort()).toEqual([5, 9])
  })

  it('prefers the high priority even when sequential', () => {
    const picker = newPicker()
    picker.setSequential(true)
    picker.setPriority(8, 3)
    met(picker, 1, all(10))
    expect(picker.pick(fast(1), 8, always).map((block) => block.pieceIndex)).toEqual([
      8, 8, 8, 8, 0, 0, 0, 0,
    ])
  })

  it('begins no piece without a buffer', () => {
    const picker = newPicker()
    met(picker, 1, all(10))
    let room = 1
    const open = (): boolean => room-- > 0
    expect(picker.pick(fast(1), 100, open)).toHaveLength(4)
    expect(picker.pick(fast(1), 100, open)).toHaveLength(0)
    expect(picker.partialCount).toBe(1)
  })

  it('asks a peer only for what it has', () => {
    const picker = newPicker({ pieceCount: 4000 })
    warm(picker, [0, 1, 2, 3])
    met(picker, 1, all(4000))
    met(picker, 2, bits(4000, [3999]))
    expect(picker.pick(fast(2), 100, always).every((block) => block.pieceIndex === 3999)).toBe(true)
  })

  it('finds the one piece of a poor peer among thousands that it lacks', () => {
    const picker = newPicker({ pieceCount: 20_000 })
    warm(picker, [0, 1, 2, 3])
    met(picker, 1, bits(20_000, [...Array(19_999).keys()]))
    met(picker, 2, bits(20_000, [...Array(19_999).keys()]))
    met(picker, 3, bits(20_000, [7777]))
    expect(picker.pick(fast(3), 1, always)[0]?.pieceIndex).toBe(7777)
  })

  it('stays within the pieces that a choking peer allows', () => {
    const picker = newPicker()
    met(picker, 1, bits(10, [1, 2, 3, 7]))
    picker.setHave(2)
    const picked = picker.pickWithin(fast(1), 100, [2, 5, 7], always)
    expect(picked.map((block) => block.pieceIndex)).toEqual([7, 7, 7, 7])
  })
})

describe('blocks under way', () => {
  it('asks nobody twice before the end', () => {
    const picker = newPicker({ pieceCount: 6 })
    const asked = new Set<string>()
    for (let peer = 1; peer <= 3; peer += 1) met(picker, peer, all(6))
    for (let round = 0; round < 8; round += 1) {
      for (const block of picker.pick(fast((round % 3) + 1), 3, always)) {
        const name = `${block.pieceIndex}/${block.begin}`
        expect(asked.has(name)).toBe(false)
        asked.add(name)
      }
    }
    expect(asked.size).toBe(24)
  })

  it('near the end asks for each missing block at most twice', () => {
    const picker = newPicker({ pieceCount: 1 })
    for (let peer = 1; peer <= 4; peer += 1) met(picker, peer, all(1))
    expect(picker.pick(fast(1), 9, always)).toHaveLength(4)
    expect(picker.isEndgame).toBe(true)
    expect(picker.pick(fast(2), 9, always)).toHaveLength(4)
    expect(picker.pick(fast(3), 9, always)).toHaveLength(0)
    expect(picker.blockReceived(0, 0, 2)).toEqual({
      isNew: true,
      isPieceDone: false,
      alsoAskedFrom: [1],
    })
    expect(picker.blockReceived(0, 0, 1).isNew).toBe(false)
  })

  it('gives a slow peer no second copies', () => {
    const picker = newPicker({ pieceCount: 1 })
    met(picker, 1, all(1))
    met(picker, 2, all(1))
    picker.pick(fast(1), 9, always)
    expect(picker.pick(slow(2), 9, always)).toHaveLength(0)
  })

  it('is at the end although a piece is left that nobody has', () => {
    const picker = newPicker({ pieceCount: 2 })
    met(picker, 1, bits(2, [0]))
    picker.pick(fast(1), 9, always)
    expect(picker.isEndgame).toBe(true)
  })

  it('takes from slow peers what they hold up once all buffers are taken', () => {
    const picker = newPicker({ pieceCount: 2 })
    met(picker, 1, all(2))
    met(picker, 2, all(2))
    let room = 1
    const open = (): boolean => room-- > 0
    picker.pick(fast(1), 4, open)
    expect(picker.pick(fast(2), 4, open)).toHaveLength(0)
    picker.pick(slow(1), 0, open)
    expect(picker.pick(fast(2), 4, open)).toHaveLength(4)
  })

  it('asks somebody else for what a peer will not send', () => {
    const picker = newPicker({ pieceCount: 1 })
    met(picker, 1, all(1))
    met(picker, 2, all(1))
    const [first] = picker.pick(fast(1), 4, always)
    if (first === undefined) throw new Error('nothing was picked')
    picker.requestGone(first, 1)
    expect(picker.pick(fast(2), 1, always)).toEqual([first])
  })

  it('frees all that a leaving peer was asked for', () => {
    const picker = newPicker({ pieceCount: 2 })
    met(picker, 1, all(2))
    met(picker, 2, all(2))
    picker.pick(fast(1), 8, always)
    picker.peerGone(1)
    expect(picker.pick(fast(2), 99, always)).toHaveLength(8)
    expect(picker.availabilityOf(0)).toBe(1)
  })

  it('takes a block that comes after its request was given up', () => {
    const picker = newPicker({ pieceCount: 1 })
    met(picker, 1, all(1))
    const [first] = picker.pick(fast(1), 1, always)
    if (first === undefined) throw new Error('nothing was picked')
    picker.requestGone(first, 1)
    expect(picker.blockReceived(0, 0, 1).isNew).toBe(true)
    expect(picker.pick(fast(1), 9, always)).toHaveLength(3)
  })

  it('drops blocks that make no sense', () => {
    const picker = newPicker({ pieceCount: 2 })
    met(picker, 1, all(2))
    const piece = picker.pick(fast(1), 1, always)[0]?.pieceIndex ?? 0
    for (const begin of [1, -BLOCK, 4 * BLOCK, Number.NaN, 2 ** 40]) {
      expect(picker.blockReceived(piece, begin, 1).isNew).toBe(false)
    }
    expect(picker.blockReceived(1 - piece, 0, 1).isNew).toBe(false)
  })
})

describe('a piece that fails', () => {
  it('remembers who sent each block', () => {
    const picker = newPicker({ pieceCount: 1 })
    met(picker, 7, all(1))
    met(picker, 8, all(1))
    picker.pick(fast(7), 2, always)
    picker.pick(fast(8), 2, always)
    fetchPiece(picker, 0, 7, 2)
    expect(picker.sendersOf(0)).toEqual([7, 7, 0, 0])
    picker.blockReceived(0, 2 * BLOCK, 8)
    expect(picker.blockReceived(0, 3 * BLOCK, 8).isPieceDone).toBe(true)
    expect(picker.sendersOf(0)).toEqual([7, 7, 8, 8])
  })

  it('with several senders is fetched from one peer alone next time', () => {
    const picker = newPicker({ pieceCount: 1 })
    for (const peer of [7, 8]) met(picker, peer, all(1))
    picker.pick(fast(7), 2, always)
    picker.pick(fast(8), 2, always)
    fetchPiece(picker, 0, 7, 2)
    picker.blockReceived(0, 2 * BLOCK, 8)
    picker.blockReceived(0, 3 * BLOCK, 8)
    picker.pieceFailed(0)
    expect(picker.pick(fast(7), 2, always)).toHaveLength(2)
    expect(picker.pick(fast(8), 9, always)).toHaveLength(0)
    picker.peerGone(7)
    expect(picker.pick(fast(8), 9, always)).toHaveLength(4)
  })

  it('goes on with another when its only peer leaves off', () => {
    const picker = newPicker({ pieceCount: 1 })
    for (const peer of [7, 8]) met(picker, peer, all(1))
    picker.pick(fast(7), 2, always)
    picker.pick(fast(8), 2, always)
    fetchPiece(picker, 0, 7, 2)
    picker.blockReceived(0, 2 * BLOCK, 8)
    picker.blockReceived(0, 3 * BLOCK, 8)
    picker.pieceFailed(0)
    picker.pick(fast(7), 1, always)
    picker.blockReceived(0, 0, 7)
    expect(picker.pick(fast(8), 9, always)).toHaveLength(3)
  })

  it('is not done while it is hashed, and can be begun again after', () => {
    const picker = newPicker({ pieceCount: 1 })
    met(picker, 1, all(1))
    picker.pick(fast(1), 4, always)
    fetchPiece(picker, 0, 1)
    expect(picker.pick(fast(1), 4, always)).toHaveLength(0)
    expect(picker.isInteresting(1)).toBe(true)
    picker.pieceFailed(0)
    expect(picker.pick(fast(1), 4, always)).toHaveLength(4)
    fetchPiece(picker, 0, 1)
    picker.pieceVerified(0)
    expect(picker.has(0)).toBe(true)
    expect(picker.wantedCount).toBe(0)
    expect(picker.isInteresting(1)).toBe(false)
  })
})

describe('a peer that has proved nothing yet', () => {
  function trial(pieceCount: number): PiecePicker {
    const picker = newPicker({ pieceCount })
    picker.peerHas(1, all(pieceCount))
    picker.peerHas(2, all(pieceCount))
    return picker
  }

  it('is given one piece, and no other before that one is verified', () => {
    const picker = trial(10)
    const first = picker.pick(fast(1), 100, always)
    expect(first).toHaveLength(4)
    const piece = first[0]?.pieceIndex ?? -1
    expect(picker.pick(fast(1), 100, always)).toHaveLength(0)
    fetchPiece(picker, piece, 1)
    expect(picker.pick(fast(1), 100, always)).toHaveLength(0)
    picker.pieceVerified(piece)
    expect(picker.pick(fast(1), 100, always)).toHaveLength(36)
  })

  it('has its piece to itself, so that it alone can be blamed', () => {
    const picker = trial(10)
    const one = picker.pick(fast(1), 2, always)
    const other = picker.pick(fast(2), 2, always)
    expect(other[0]?.pieceIndex).not.toBe(one[0]?.pieceIndex)
    picker.trust(2)
    const more = picker.pick(fast(2), 100, always)
    expect(more.some((block) => block.pieceIndex === one[0]?.pieceIndex)).toBe(false)
  })

  it('is given no second piece to spoil after a bad one', () => {
    const picker = trial(10)
    const piece = picker.pick(fast(1), 100, always)[0]?.pieceIndex ?? -1
    fetchPiece(picker, piece, 1)
    picker.pieceFailed(piece)
    expect(picker.pick(fast(1), 100, always).every((block) => block.pieceIndex === piece)).toBe(
      true,
    )
  })

  it('waits while a piece that it shared is judged, and goes on when others proved it good', () => {
    const picker = newPicker({ pieceCount: 2 })
    picker.peerHas(1, bits(2, [0]))
    picker.peerHas(2, all(2))
    picker.pick(fast(1), 2, always)
    fetchPiece(picker, 0, 1, 2)
    picker.setPriority(1, 0)
    expect(picker.pick(fast(2), 9, always).map((block) => block.begin)).toEqual([
      2 * BLOCK,
      3 * BLOCK,
    ])
    picker.setPriority(1, 2)
    expect(picker.pick(fast(2), 9, always)).toHaveLength(0)
    fetchPiece(picker, 0, 2)
    picker.pieceVerified(0)
    expect(picker.pick(fast(2), 9, always)).toHaveLength(4)
  })

  it('may try another piece when its own is given up', () => {
    const picker = trial(10)
    const piece = picker.pick(fast(1), 2, always)[0]?.pieceIndex ?? -1
    picker.dropPartial(piece)
    expect(picker.pick(fast(1), 100, always)).toHaveLength(4)
  })
})

describe('interest', () => {
  it('follows haves, losses, verified pieces and priorities', () => {
    const picker = newPicker()
    expect(picker.isInteresting(1)).toBe(false)
    picker.peerHasPiece(1, 4)
    expect(picker.isInteresting(1)).toBe(true)
    picker.setPriority(4, 0)
    expect(picker.isInteresting(1)).toBe(false)
    picker.setPriority(4, 1)
    picker.peerHasPiece(1, 4)
    picker.setHave(4)
    expect(picker.isInteresting(1)).toBe(false)
    picker.setMissing(4)
    expect(picker.isInteresting(1)).toBe(true)
    picker.peerLost(1, 4)
    expect(picker.isInteresting(1)).toBe(false)
  })

  it('survives a whole copy that loses a piece', () => {
    const picker = newPicker()
    met(picker, 1, all(10))
    picker.peerLost(1, 3)
    expect(picker.availabilityOf(3)).toBe(0)
    expect(picker.availabilityOf(4)).toBe(1)
    picker.peerGone(1)
    expect(picker.availabilityOf(4)).toBe(0)
  })

  it('ignores pieces that the torrent does not have', () => {
    const picker = newPicker({ pieceCount: 10 })
    picker.peerHasPiece(1, 10)
    met(picker, 2, Uint8Array.from([0, 0x3f]))
    expect(picker.isInteresting(1) || picker.isInteresting(2)).toBe(false)
  })
})

it('finishes every download whatever peers do, with its counts right at each step', () => {
  for (let seed = 1; seed <= 20; seed += 1) runChaos(seed)
})

/** A swarm of unreliable peers: the picker's answers are checked against a plain model. */
function runChaos(seed: number): void {
  const random = seeded(seed * 104_729)
  const pieceCount = 1 + random(40)
  const perPiece = 1 + random(5)
  const picker = newPicker({ pieceCount, blocksPerPiece: perPiece, seed })
  const peers = new Map<
    number,
    { has: Set<number>; asked: { pieceIndex: number; begin: number; lengthBytes: number }[] }
  >()
  let nextPeer = 1
  let openPieces = 0
  const open = (): boolean => {
    if (openPieces >= 3) return false
    openPieces += 1
    return true
  }
  for (let step = 0; picker.wantedCount > 0; step += 1) {
    if (step > 60_000) throw new Error(`seed ${seed} does not end`)
    if (peers.size < 2 || (peers.size < 6 && random(30) === 0)) {
      const has = new Set<number>()
      for (let piece = 0; piece < pieceCount; piece += 1) if (random(3) > 0) has.add(piece)
      picker.peerHas(nextPeer, bits(pieceCount, has))
      if (random(2) === 0) picker.trust(nextPeer)
      peers.set(nextPeer, { has, asked: [] })
      nextPeer += 1
    }
    const ids = [...peers.keys()]
    const id = ids[random(ids.length)] ?? 0
    const peer = peers.get(id)
    if (peer === undefined) continue
    const action = random(12)
    if (action === 0) {
      picker.peerGone(id)
      peers.delete(id)
    } else if (action === 1) {
      for (const block of peer.asked.splice(0)) picker.requestGone(block, id)
    } else if (action === 2) {
      const piece = random(pieceCount)
      peer.has.add(piece)
      picker.peerHasPiece(id, piece)
    } else if (action < 6) {
      const picked = picker.pick({ id, isSlow: random(10) === 0 }, 1 + random(8), open)
      for (const block of picked) {
        if (!peer.has.has(block.pieceIndex)) throw new Error('asked for what it lacks')
        if (peer.asked.some((b) => b.pieceIndex === block.pieceIndex && b.begin === block.begin)) {
          throw new Error('asked twice')
        }
        let copies = 0
        for (const other of peers.values()) {
          if (other.asked.some((b) => b.pieceIndex === block.pieceIndex && b.begin === block.begin))
            copies += 1
        }
        if (copies > 1) throw new Error('a third copy')
        peer.asked.push(block)
      }
    } else {
      const block = peer.asked.shift()
      if (block === undefined) continue
      const received = picker.blockReceived(block.pieceIndex, block.begin, id)
      for (const other of received.alsoAskedFrom) {
        const theirs = peers.get(other)
        if (theirs === undefined) continue
        theirs.asked = theirs.asked.filter(
          (b) => b.pieceIndex !== block.pieceIndex || b.begin !== block.begin,
        )
      }
      if (!received.isPieceDone) continue
      openPieces -= 1
      expect(picker.sendersOf(block.pieceIndex)).toHaveLength(perPiece)
      if (random(5) === 0) picker.pieceFailed(block.pieceIndex)
      else picker.pieceVerified(block.pieceIndex)
    }
    const evictable = picker.evictable()
    if (evictable !== null) {
      picker.dropPartial(evictable)
      openPieces -= 1
    }
    for (const [peerId, { has }] of peers) {
      const isInteresting = [...has].some((piece) => !picker.has(piece))
      if (picker.isInteresting(peerId) !== isInteresting) throw new Error(`interest in ${peerId}`)
    }
    for (let piece = 0; piece < pieceCount; piece += 1) {
      const count = [...peers.values()].filter(({ has }) => has.has(piece)).length
      if (picker.availabilityOf(piece) !== count) throw new Error(`availability of ${piece}`)
    }
  }
}
