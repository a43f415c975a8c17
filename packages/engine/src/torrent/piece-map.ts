/**
 * Pieces as they are shown: who has how many of them, in few enough bins to be sent.
 */
/** More pieces than this share bins. */
export const AVAILABILITY_BINS = 2_048
/** Pieces under way that are shown. */
export const ACTIVE_SHOWN = 512
const MOST_COPIES = 255

/** One byte a bin: the fewest copies of a piece of it. Bin i begins at piece `floor(i * count / bins)`. */
export function availabilityBins(
  pieceCount: number,
  copiesOf: (pieceIndex: number) => number,
): Uint8Array {
  const bins = new Uint8Array(Math.min(pieceCount, AVAILABILITY_BINS)).fill(MOST_COPIES)
  for (const bin of bins.keys()) {
    const end = Math.floor(((bin + 1) * pieceCount) / bins.length)
    let fewest = MOST_COPIES
    for (let at = Math.floor((bin * pieceCount) / bins.length); at < end; at += 1)
      fewest = Math.min(fewest, copiesOf(at))
    bins[bin] = fewest
  }
  return bins
}
