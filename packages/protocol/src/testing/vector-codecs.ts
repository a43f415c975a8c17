/**
 * The codecs that vector files name. To add one: put a `VectorCodec` (see `vector-codec.ts`) into the table of your
 * subject (`torrent-codecs.ts`, `wire-codecs.ts`, `discovery-codecs.ts`, `tracker-codecs.ts`) under the name that your vector files give as
 * `codec`, and write the files to `vectors/bep-00NN/<codec>.json`. `vectors.test.ts` runs every file that is there and
 * fails on a codec that no table has, and on a codec without a file.
 *
 * A file:
 *
 *     { "schema": "pigeon.vectors.v1", "bep": 3, "section": "peer messages", "codec": "peer-message",
 *       "source": { "kind": "spec", "url": "https://www.bittorrent.org/beps/bep_0003.html" },
 *       "cases": [
 *         { "id": "bep3-message-001", "does": "reads have", "hex": "0000000504000000ff",
 *           "result": "valid", "value": { "kind": "have", "pieceIndex": 255 } },
 *         { "id": "bep3-message-002", "does": "refuses ...", "hex": "80000001",
 *           "result": "invalid", "fault": "frame-too-long" } ] }
 *
 * A case's input is `hex`, or `text` (UTF-8), or `parts`: a list of those and of `{ "repeat": "<hex>", "times": n }`.
 * `options` is handed to the codec. `result` is `valid`, `invalid` or `incomplete`. The schema is
 * `vectors/pigeon.vectors.v1.schema.json`.
 */
import type { VectorCodec } from './vector-codec.ts'
import { DISCOVERY_CODECS } from './discovery-codecs.ts'
import { DHT_CODECS } from './dht-codecs.ts'
import { TORRENT_CODECS } from './torrent-codecs.ts'
import { TRACKER_CODECS } from './tracker-codecs.ts'
import { UTP_CODECS } from './utp-codecs.ts'
import { WIRE_CODECS } from './wire-codecs.ts'

export const VECTOR_CODECS: Readonly<Record<string, VectorCodec>> = {
  ...TORRENT_CODECS,
  ...WIRE_CODECS,
  ...DISCOVERY_CODECS,
  ...TRACKER_CODECS,
  ...DHT_CODECS,
  ...UTP_CODECS,
}
