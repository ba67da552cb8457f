// Sequence numbers as one counts them: from the first of each direction on.

interface SequencedFrame {
  readonly flow: string
  readonly text: string
}

/**
 * The first sequence number that the sender of `flow` has used before the frame at `place`: of its last SYN, or, where none was seen, of
 * its first segment. −1: it has sent none.
 */
export function sequenceBase(frames: readonly SequencedFrame[], flow: string, place: number): number {
  let first = -1
  for (let i = Math.min(place, frames.length - 1); i >= 0; i--) {
    const frame = frames[i]
    if (frame === undefined || frame.flow !== flow) continue
    const [, flags = '', seq] = /Flags \[([^\]]*)\], seq (\d+)/.exec(frame.text) ?? []
    if (seq === undefined) continue
    first = Number(seq)
    if (flags.includes('S')) return first
  }
  return first
}

/** How far a number is from the first, modulo 2^32; null where there is no first. */
export function relative(number: number, base: number): number | null {
  return base < 0 ? null : (number - base) >>> 0
}
