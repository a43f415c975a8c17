/**
 * How a piece is proven. v1: one SHA-1 a piece. BEP 52 will add per-file SHA-256 layers as another kind.
 */
export type PieceHashes = {
  readonly kind: 'v1' /** 20 bytes a piece, one after the other. */
  readonly sha1: Uint8Array
}

/** What a piece's bytes must hash to. */
export interface PieceProof {
  readonly algorithm: 'sha1' | 'sha256'
  readonly digest: Uint8Array
}

export function pieceProof(hashes: PieceHashes, pieceIndex: number): PieceProof {
  return { algorithm: 'sha1', digest: hashes.sha1.subarray(pieceIndex * 20, pieceIndex * 20 + 20) }
}
