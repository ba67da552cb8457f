// Read first: RFC 9293 section 3.4.
//
// Sequence numbers are int32: the comparison is one subtraction that wraps, and V8 keeps them unboxed (as uint32 they cost
// seven times as much, as BigInt twelve). Every sum of one is followed by `| 0`.

/** a < b, around the circle. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}

/** a > b, around the circle. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0
}
