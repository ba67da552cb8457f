// Read first: nc(1) on -C and -i.

import { setTimeout as sleep } from 'node:timers/promises'

export interface InputShape {
  /** -C: lines end as those of RFC 5234 do. */
  readonly crlf: boolean
  /** -i: milliseconds between lines; 0: as they come. */
  readonly interval: number
}

/** `input` with its lines as they are to be sent. */
export async function* shapedInput(
  input: AsyncIterable<Uint8Array>,
  { crlf, interval }: InputShape,
): AsyncGenerator<Uint8Array, void, void> {
  let before = 0
  let first = true
  for await (const piece of input) {
    for (const line of interval > 0 ? linesOf(piece) : [piece]) {
      if (!first && interval > 0) await sleep(interval)
      first = false
      yield crlf ? withReturns(line, before) : line
      before = line[line.length - 1] ?? before
    }
  }
}

function* linesOf(piece: Uint8Array): Generator<Uint8Array, void, void> {
  let start = 0
  for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
    yield piece.subarray(start, end + 1)
    start = end + 1
  }
  if (start < piece.length) yield piece.subarray(start)
}

/** `before`: the octet in front. An end of a line that has its return keeps it alone. */
function withReturns(piece: Uint8Array, before: number): Uint8Array {
  const octets: number[] = []
  let last = before
  for (const octet of piece) {
    if (octet === 10 && last !== 13) octets.push(13)
    octets.push(octet)
    last = octet
  }
  return Uint8Array.from(octets)
}
