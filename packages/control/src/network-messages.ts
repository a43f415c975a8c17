/** What a client demands of a node's answers about its network. Fields that it does not know are left out. */
import { z } from 'zod'
import { ProblemAnswer } from './messages.ts'
import {
  type DhtAnswer,
  type NetworkStatus,
  PEER_SOURCES,
  WIRE_MESSAGES,
  type WireEvent,
} from './network.ts'

const Amount = z.number().min(0)
const Problem = ProblemAnswer.nullable()

export const NetworkAnswer = z.object({
  listening: z.array(z.string()),
  external: z.array(
    z.object({ address: z.string(), saidBy: z.enum(['tracker', 'dht', 'router', 'peers']) }),
  ),
  reachability: z.enum(['unknown', 'reachable', 'unreachable']),
  lastIncomingAtMs: z.number().nullable(),
  portMapping: z.object({
    state: z.enum(['off', 'searching', 'mapped', 'failed']),
    method: z.enum(['upnp', 'nat-pmp', 'pcp']).nullable(),
    external: z.string().nullable(),
    problem: Problem,
  }),
  dht: z.array(
    z.object({
      family: z.union([z.literal(4), z.literal(6)]),
      state: z.enum(['bootstrapping', 'ready', 'lonely']),
      nodeId: z.string(),
      isVerified: z.boolean(),
      isReadOnly: z.boolean(),
      nodes: Amount,
      storedHashes: Amount,
      storedPeers: Amount,
      storedItems: Amount,
      queriesIn: Amount,
      queriesOut: Amount,
      refusedIn: Amount,
      bytesIn: Amount,
      bytesOut: Amount,
    }),
  ),
  lsd: z.object({ isOn: z.boolean(), lastHeardAtMs: z.number().nullable() }),
  isPexOn: z.boolean(),
  utp: z.object({ isOn: z.boolean(), connections: Amount }),
  webRtc: z.object({ state: z.enum(['off', 'missing', 'ready']), help: z.string() }),
  encryption: z.enum(['off', 'prefer', 'require']),
  proxy: z.object({ address: z.string(), problem: Problem }).nullable(),
  isAnonymous: z.boolean(),
  blocklist: z
    .object({
      source: z.string(),
      ranges: Amount,
      blocked: Amount,
      loadedAtMs: z.number().nullable(),
      problem: Problem,
    })
    .nullable(),
  tracker: z
    .object({
      listening: z.string(),
      urls: z.array(z.string()),
      torrents: Amount,
      peers: Amount,
      announces: Amount,
      problem: Problem,
    })
    .nullable(),
  trackers: z.array(
    z.object({
      host: z.string(),
      torrents: Amount,
      working: Amount,
      failing: Amount,
      message: z.string(),
    }),
  ),
  peersBySource: z.record(z.enum(PEER_SOURCES), Amount),
  peersByTransport: z.record(z.enum(['tcp', 'utp', 'webrtc']), Amount),
  encryptedPeers: Amount,
}) satisfies z.ZodType<NetworkStatus>

export const DhtResult = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pong'),
    nodeId: z.string(),
    client: z.string().nullable(),
    roundTripMs: Amount,
  }),
  z.object({
    kind: z.literal('peers'),
    peers: z.array(z.string()),
    seeds: Amount.nullable(),
    downloaders: Amount.nullable(),
    nodesAsked: Amount,
  }),
  z.object({
    kind: z.literal('value'),
    value: z.base64().nullable().describe('Bencoded, then base64'),
    nodesAsked: Amount,
  }),
  z.object({
    kind: z.literal('mutable'),
    value: z.base64().nullable().describe('Bencoded, then base64'),
    seq: z.string().nullable(),
    signature: z.string().nullable().describe('Hex'),
    nodesAsked: Amount,
  }),
  z.object({ kind: z.literal('stored'), target: z.string(), nodes: Amount }),
]) satisfies z.ZodType<DhtAnswer>

export const WireEventAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('messages'),
    messages: z
      .array(
        z.object({
          number: Amount,
          atMs: z.number(),
          direction: z.enum(['in', 'out']),
          name: z.string(),
          bep: z.int().nullable(),
          lengthBytes: Amount,
          fields: z.array(z.tuple([z.string(), z.string()])),
        }),
      )
      .max(WIRE_MESSAGES),
    leftOut: Amount,
  }),
  z.object({ kind: z.literal('ended'), problem: Problem }),
]) satisfies z.ZodType<WireEvent>

/** What a node tells of a watch. */
export const WireAnswer = z.object({
  kind: z.literal('wire'),
  torrent: z.string(),
  peer: z.number(),
  event: WireEventAnswer,
})
