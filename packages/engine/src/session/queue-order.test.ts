import { describe, expect, it } from 'vitest'
import { QueueOrder, type Queued } from './queue-order.ts'

interface Item extends Queued {
  isFinished: boolean
}

function queue(...items: readonly (readonly [id: string, key: number, isFinished?: boolean])[]): {
  readonly order: QueueOrder<Item>
  readonly ids: () => string
  readonly positions: () => readonly (number | null)[]
} {
  const order = new QueueOrder<Item>()
  for (const [id, queueKey, isFinished = false] of items)
    order.add({ id, queueKey, isFinished, queuePosition: null })
  return {
    order,
    ids: () => order.torrents.map(({ id }) => id).join(''),
    positions: () => {
      order.renumber(() => {})
      return order.torrents.map(({ queuePosition }) => queuePosition)
    },
  }
}

function ids(items: readonly Item[]): string {
  return items
    .map(({ id }) => id)
    .toSorted()
    .join('')
}

describe('the order of the queue', () => {
  it('is that of the keys, whatever the order in which torrents come', () => {
    expect(queue(['a', 5], ['b', -2], ['c', 9]).ids()).toBe('bac')
  })

  it('numbers those that still download', () => {
    const { positions } = queue(['a', 1], ['s', 2, true], ['b', 3])
    expect(positions()).toEqual([0, null, 1])
  })

  it('tells only of places that are others now', () => {
    const { order } = queue(['a', 1], ['b', 2], ['c', 3])
    order.renumber(() => {})
    order.move(['c'], 'up')
    const told: string[] = []
    order.renumber(({ id }) => void told.push(id))
    expect(told.toSorted()).toEqual(['b', 'c'])
    order.renumber(({ id }) => void told.push(id))
    expect(told).toHaveLength(2)
  })

  it('has room before the first and behind the last', () => {
    const { order, ids: order1 } = queue(['a', 1], ['b', 2])
    const item = { isFinished: false, queuePosition: null }
    order.add({ ...item, id: 'f', queueKey: order.firstKey })
    order.add({ ...item, id: 'l', queueKey: order.lastKey })
    expect(order1()).toBe('fabl')
    expect(new QueueOrder<Item>().firstKey).toBe(0)
    expect(new QueueOrder<Item>().lastKey).toBe(0)
  })

  it('tells equal keys of old records apart, so that each can be moved', () => {
    const { order, ids: order1 } = queue(['a', 0], ['b', 0], ['c', 0])
    expect(order1()).toBe('abc')
    order.move(['c'], 'up')
    expect(order1()).toBe('acb')
  })
})

describe('moving', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => [`t${at}`, at] as const)

  it.each(['top', 'bottom'] as const)('one of ten thousand to the %s changes one', (to) => {
    const { order } = queue(...many)
    expect(ids(order.move(['t5000'], to))).toBe('t5000')
    expect(order.torrents.at(to === 'top' ? 0 : -1)?.id).toBe('t5000')
  })

  it.each(['up', 'down'] as const)('one of ten thousand %s changes two', (to) => {
    const { order } = queue(...many)
    expect(order.move(['t5000'], to)).toHaveLength(2)
    expect(order.torrents[to === 'up' ? 4_999 : 5_001]?.id).toBe('t5000')
  })

  it('several keeps their order among themselves', () => {
    const { order, ids: order1 } = queue(['a', 1], ['b', 2], ['c', 3], ['d', 4])
    order.move(['d', 'b'], 'top')
    expect(order1()).toBe('bdac')
    order.move(['a', 'b'], 'bottom')
    expect(order1()).toBe('dcba')
  })

  it('up passes the next that downloads, not a seed between', () => {
    const { order, ids: order1, positions } = queue(['a', 1], ['s', 2, true], ['b', 3])
    order.move(['b'], 'up')
    expect(order1()).toBe('bsa')
    expect(positions()).toEqual([0, null, 1])
  })
})
