import { concatenated } from '../../src/base/bytes.ts'

/** What `write` writes piece by piece, as one. A piece may be written over once it was taken. */
export function whole(write: (take: (piece: Uint8Array) => void) => void): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = []
  write((piece) => pieces.push(piece.slice()))
  return concatenated(pieces)
}
