/**
 * What is here, in one line of text. Of pieces, each cell stands for an equal share.
 */
const SHADES = [' ', '░', '▒', '▓', '█'] as const

/** `verified` is base64 of one bit a piece, most significant first. */
export function pieceBar(verified: string, pieceCount: number, cells: number): string {
  if (pieceCount === 0) return ''
  const bits = Buffer.from(verified, 'base64')
  const shown = Math.min(cells, pieceCount)
  let bar = ''
  for (let cell = 0; cell < shown; cell += 1) {
    const from = Math.floor((cell * pieceCount) / shown)
    const to = Math.max(from + 1, Math.floor(((cell + 1) * pieceCount) / shown))
    let here = 0
    for (let piece = from; piece < to; piece += 1)
      if (((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0) here += 1
    // A cell is full only when nothing is missing, and empty only when nothing is here.
    const share = here / (to - from)
    const shade =
      share === 1 ? 4 : share === 0 ? 0 : Math.max(1, Math.min(3, Math.round(share * 4)))
    bar += SHADES[shade] ?? ' '
  }
  return bar
}

/** A share from 0 to 1 as a bar; full only when nothing is missing. */
export function shareBar(share: number, cells: number): string {
  const filled = Math.floor(Math.max(0, Math.min(1, share)) * cells)
  return '█'.repeat(filled) + '░'.repeat(cells - filled)
}
