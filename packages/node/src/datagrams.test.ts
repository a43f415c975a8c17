import { expect, test } from 'vitest'
import type { Address, DatagramSocket } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { createDatagramPort } from './datagrams.ts'

const port = createDatagramPort()

async function open(
  host: string,
  receive: (bytes: Uint8Array, from: Address) => void = () => {},
): Promise<DatagramSocket> {
  const socket = await port.bind({ host, port: 0 }, receive)
  if (isIoProblem(socket)) throw new Error(socket.message)
  return socket
}

test.each(['127.0.0.1', '::1'])(
  'a datagram arrives with the address it came from (%s)',
  async (host) => {
    let onArrival: (arrival: { bytes: Uint8Array; from: Address }) => void = () => {}
    const arrival = new Promise<{ bytes: Uint8Array; from: Address }>(
      (resolve) => (onArrival = resolve),
    )
    const receiver = await open(host, (bytes, from) => onArrival({ bytes, from }))
    const sender = await open(host)
    sender.send(Uint8Array.of(1, 2, 3), receiver.address)
    const { bytes, from } = await arrival
    expect([...bytes]).toEqual([1, 2, 3])
    expect(from).toEqual({ host, port: sender.address.port })
    receiver.close()
    sender.close()
  },
)

test('a bad address, port 0, another family and a closed socket drop the datagram without a word', async () => {
  const socket = await open('127.0.0.1')
  for (const to of [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 65_536 },
    { host: '127.0.0.1', port: Number.NaN },
    { host: 'not an address', port: 1 },
    { host: 'localhost', port: 1 },
    { host: '::1', port: 1 },
    { host: '', port: 1 },
  ]) {
    expect(() => socket.send(Uint8Array.of(1), to)).not.toThrow()
  }
  expect(() => socket.send(new Uint8Array(100_000), { host: '127.0.0.1', port: 9 })).not.toThrow()
  socket.close()
  expect(() => socket.send(Uint8Array.of(1), { host: '127.0.0.1', port: 9 })).not.toThrow()
  expect(() => socket.close()).not.toThrow()
})

test('a port that is taken is a problem that names it', async () => {
  const first = await open('127.0.0.1')
  const second = await port.bind(first.address, () => {})
  expect(second).toMatchObject({ kind: 'io-problem', code: 'address-in-use' })
  if (isIoProblem(second)) expect(second.message).toContain(String(first.address.port))
  first.close()
})

test.each([
  { host: 'nonsense', port: 0 },
  { host: '192.0.2.77', port: 0 },
  { host: '127.0.0.1', port: 70_000 },
])('a socket cannot be opened at $host:$port, and that is a value', async (address) => {
  expect(await port.bind(address, () => {})).toMatchObject({ kind: 'io-problem' })
})

test('numeric names resolve to themselves, localhost to loopback, nonsense to a problem', async () => {
  expect(await port.resolve('192.0.2.1')).toEqual(['192.0.2.1'])
  expect(await port.resolve('2001:db8::1')).toEqual(['2001:db8::1'])
  const local = await port.resolve('localhost')
  expect(local).toSatisfy((found) => Array.isArray(found) && found.length > 0 && found.length <= 8)
  expect(await port.resolve('no-such-name.invalid')).toMatchObject({ code: 'name-not-found' })
  expect(await port.resolve('bad name\0')).toMatchObject({ code: 'name-not-found' })
})
