import { describe, expect, test } from 'vitest'
import type { DatagramPort } from '../ports.ts'
import { ioProblem } from '../problem.ts'
import { MAX_NAMED_NODES, resolveNode, resolveNodes } from './dht-bootstrap.ts'

const datagrams: DatagramPort = {
  bind: () => Promise.resolve(ioProblem('closed', 'x', 'y')),
  resolve: (host) =>
    Promise.resolve(
      host === 'router.example'
        ? ['192.0.2.1', '2001:db8::1']
        : ioProblem('name-not-found', `The name ${host} has no address.`, 'Check it'),
    ),
}

describe('the address of a DHT node', () => {
  test.each([
    ['192.0.2.7:6881', [{ host: '192.0.2.7', port: 6_881 }]],
    ['[2001:db8::7]:6881', [{ host: '2001:db8::7', port: 6_881 }]],
    [
      'router.example:25401',
      [
        { host: '192.0.2.1', port: 25_401 },
        { host: '2001:db8::1', port: 25_401 },
      ],
    ],
  ])('may be %s', async (node, addresses) => {
    expect(await resolveNode(node, datagrams)).toEqual(addresses)
  })

  test.each([
    '',
    'router.example',
    'router.example:0',
    'router.example:65536',
    '2001:db8::7:1',
    'a b:1',
    'x@y:1',
  ])('may not be "%s"', async (node) => {
    expect(await resolveNode(node, datagrams)).toMatchObject({ kind: 'io-problem' })
  })
})

test('of a list, those that cannot be found are logged and passed over, and so many are looked up', async () => {
  const logged: string[] = []
  const log = { write: (_: string, event: string) => logged.push(event) }
  const list = [
    'nowhere.example:1',
    ...Array.from({ length: MAX_NAMED_NODES }, (_, i) => `192.0.2.${i}:1`),
  ]
  const found = await resolveNodes(list, datagrams, log)
  expect(found).toHaveLength(MAX_NAMED_NODES - 1)
  expect(logged).toEqual(['dht-bootstrap-node-not-found'])
})
