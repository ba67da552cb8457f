// What may be done to one frame by hand: each on its own is what networks do by chance.

import { checkBoolean, checkInteger, checkNumber, checkOptions, given } from '../base/argument.ts'
import type { LinkPort } from './link-port.ts'

/** A frame that is about to arrive. */
export interface InterceptedFrame {
  /** Its number: frames of a simulation are counted from 1 on as they leave. A duplicate has the number of its frame. */
  readonly number: number
  /** The end of the link that it is about to arrive at; `to.peer` is where it comes from. */
  readonly to: LinkPort
  /** From the Ethernet header on. Lent until the interceptor returns. */
  readonly bytes: Uint8Array
}

/** What is done to it; several may be named, and what is left out does not happen. */
export interface FrameAct {
  readonly drop?: boolean
  /** Milliseconds by which it arrives later. */
  readonly delay?: number
  /** How many more of it arrive, at the same time. */
  readonly duplicate?: number
  /** Bits that are changed, counted from the first of the frame; those beyond its end are not there to be. */
  readonly flip?: readonly number[]
}

/** Says what is done to each frame before it arrives; null or undefined: nothing. */
export type FrameInterceptor = (frame: InterceptedFrame) => FrameAct | null | undefined

const KEYS = ['drop', 'delay', 'duplicate', 'flip'] as const
const DUPLICATES_MAX = 1000

/** Throws a TypeError or RangeError that names what is none, or cannot be. */
export function checkFrameAct(act: FrameAct): void {
  checkOptions('act', act, KEYS)
  checkBoolean('act.drop', act.drop)
  checkNumber('act.delay', act.delay)
  const { delay, duplicate, flip } = act
  if (delay !== undefined && !(delay >= 0 && delay < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`act.delay must be 0 or more milliseconds, got ${delay}`)
  }
  if (duplicate !== undefined) checkInteger('act.duplicate', duplicate, 0, DUPLICATES_MAX)
  if (flip === undefined) return
  if (!Array.isArray(flip)) throw new TypeError(`act.flip must be an array of numbers of bits, got ${given(flip)}`)
  flip.forEach((bit, i) => {
    checkInteger(`act.flip[${i}]`, bit, 0)
  })
}

/** Changes bits of `bytes[start, end)`. */
export function flipBits(bytes: Uint8Array, start: number, end: number, bits: readonly number[]): void {
  for (const bit of bits) {
    const at = start + Math.floor(bit / 8)
    if (at < end) bytes[at] = (bytes[at] as number) ^ (0x80 >> (bit % 8))
  }
}
