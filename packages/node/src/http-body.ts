import type { IncomingMessage } from 'node:http'
import { constants, gunzip, inflate, inflateRaw } from 'node:zlib'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'
import { errnoOf } from './io-errors.ts'

/** Reads and unpacks a body of at most `limitBytes`, packed or not; `place` names the server in problems. */
export async function decodeBody(
  response: IncomingMessage,
  limitBytes: number,
  place: string,
): Promise<Uint8Array | IoProblem> {
  const declared = Number(response.headers['content-length'] ?? 0)
  if (declared > limitBytes) return tooLongProblem(place, limitBytes)
  const chunks: Uint8Array[] = []
  let lengthBytes = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue
    lengthBytes += chunk.length
    if (lengthBytes > limitBytes) return tooLongProblem(place, limitBytes)
    chunks.push(chunk)
  }
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  return unpack(Buffer.concat(chunks), encoding, limitBytes, place)
}

type Unpacker = typeof gunzip

async function unpack(
  packed: Uint8Array,
  encoding: string,
  limitBytes: number,
  place: string,
): Promise<Uint8Array | IoProblem> {
  if (encoding === 'identity' || encoding === '' || packed.length === 0) return packed
  const unpackers = UNPACKERS.get(encoding)
  if (unpackers === undefined) return badEncodingProblem(place)
  for (const unpacker of unpackers) {
    const result = await run(unpacker, packed, limitBytes)
    if (result instanceof Uint8Array) return result
    if (result === 'ERR_BUFFER_TOO_LARGE') return tooLongProblem(place, limitBytes)
  }
  return badEncodingProblem(place)
}

/** `deflate` means zlib's form, but servers that send it bare are common. */
const UNPACKERS: ReadonlyMap<string, readonly Unpacker[]> = new Map([
  ['gzip', [gunzip]],
  ['x-gzip', [gunzip]],
  ['deflate', [inflate, inflateRaw]],
])

/** The bytes, or the code of what went wrong. A stream that lacks its end counts as far as it goes. */
function run(
  unpacker: Unpacker,
  packed: Uint8Array,
  limitBytes: number,
): Promise<Uint8Array | string> {
  return new Promise((decide) => {
    unpacker(
      packed,
      { maxOutputLength: limitBytes, finishFlush: constants.Z_SYNC_FLUSH },
      (error, bytes) => decide(error === null ? bytes : errnoOf(error)),
    )
  })
}

function tooLongProblem(place: string, limitBytes: number): IoProblem {
  return ioProblem(
    'answer-too-long',
    `${place} sent more than ${limitBytes} bytes.`,
    'That is no proper answer. Check the address.',
  )
}

function badEncodingProblem(place: string): IoProblem {
  return ioProblem(
    'bad-answer',
    `${place} sent an answer that cannot be unpacked.`,
    'Try again later, or check the address.',
  )
}
