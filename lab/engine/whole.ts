/** What `write` writes piece by piece, as one. A piece may be written over once it was taken. */
export function whole(write: (take: (piece: Uint8Array) => void) => void): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = []
  let length = 0
  write((piece) => {
    pieces.push(piece.slice())
    length += piece.length
  })
  const all = new Uint8Array(length)
  let end = 0
  for (const piece of pieces) {
    all.set(piece, end)
    end += piece.length
  }
  return all
}
