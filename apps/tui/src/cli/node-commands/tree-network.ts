/** The commands about the network of a node, the wires of its peers, and the DHT. */
import type { Command } from 'commander'
import type { Make } from './tree.ts'

/** `isInside`: within a program that runs, where `inspect` means nothing else. */
export function addNetwork(program: Command, make: Make, isInside: boolean): void {
  make(program, {
    words: 'network',
    about: 'say how peers are found and reached, and what stands in the way',
    examples: ['pigeon network', 'pigeon network --json | jq .dht'],
    load: async () => (await import('./network.ts')).network,
  })
  const wire = make(program, {
    words: 'wire <peer> TORRENT',
    about: 'watch what is said on the connection with a peer, message by message',
    examples: [
      'pigeon wire 3 debian',
      "pigeon wire 192.0.2.7:6881 debian --filter '!piece !request' --json",
    ],
    options: [
      ['--filter <words>', 'Part of a name, in, out or bep10; ! turns a word around.'],
      ['--limit <count>', 'End after so many messages.'],
      ['--for <time>', 'End after this time, such as 30s.'],
    ],
    load: async () => (await import('./wire.ts')).wire,
  })
  if (isInside) wire.alias('inspect')
  addDht(program, make)
}

function addDht(program: Command, make: Make): void {
  const dht = program.command('dht').description('ask the DHT: nodes, peers, and values it keeps')
  make(dht, {
    words: 'ping <node>',
    about: 'ask a node, as host:port, whether it is there',
    examples: ['pigeon dht ping 192.0.2.7:6881'],
    node: 'running-or-own',
    load: async () => (await import('./dht.ts')).ping,
  })
  make(dht, {
    words: 'peers <info-hash>',
    about: 'find peers of a torrent, by its info-hash or magnet link',
    examples: ['pigeon dht peers 7c1a46eb2ac9b8d4be5a3ad2f6cbd8a2fa1cd9a4'],
    node: 'running-or-own',
    load: async () => (await import('./dht.ts')).peers,
  })
  make(dht, {
    words: 'get [target]',
    about: 'fetch a value, by its target or by the key of its owner',
    examples: [
      'pigeon dht get e5f96f6f38320f0f33959cb4d3d656452117aadb',
      'pigeon dht get --key 77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548',
    ],
    options: [
      ['--key <public-key>', 'What the owner of this key stored last.'],
      ['--salt <text>', 'Which of several values of that key.'],
      ['--raw', 'Print the bytes as they are.'],
    ],
    node: 'running-or-own',
    load: async () => (await import('./dht.ts')).get,
  })
  make(dht, {
    words: 'put [text]',
    about: 'store a value of up to 1000 bytes; - reads it from stdin',
    examples: [
      'pigeon dht put "Hello World!"',
      'pigeon dht key my.key && pigeon dht put "newest: 1.2" --key-file my.key',
    ],
    options: [
      ['--file <file>', 'Store what this file holds.'],
      ['--bencoded', 'It is bencoded already; else it is stored as a string.'],
      ['--key-file <file>', 'Sign it with this key: it can be replaced later.'],
      ['--salt <text>', 'One of several values of the key.'],
      ['--seq <number>', 'Its sequence number; one more than the present one when absent.'],
      ['--cas <number>', 'Only in place of this sequence number.'],
    ],
    node: 'running-or-own',
    load: async () => (await import('./dht.ts')).put,
  })
  make(dht, {
    words: 'key <file>',
    about: 'make a key for values that can be replaced, or print the public half of one',
    node: 'none',
    load: async () => (await import('./dht-keys.ts')).key,
  })
}
