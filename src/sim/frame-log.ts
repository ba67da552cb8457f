import type { Link } from './link.ts'
import type { LinkPort } from './link-port.ts'

/**
 * Why a frame did not arrive: by chance; too many waited to leave; damaged so that a card would not pass it on; the link was down;
 * longer than the link carries; a partition; an interceptor; nobody was there to hear it.
 */
export type FrameLoss = 'loss' | 'queue' | 'damage' | 'down' | 'mtu' | 'partition' | 'act' | 'nobody'

/** Gets each frame that passes an end of a link, and may follow it from end to end by its number. Instants: milliseconds since 1970. */
export interface FrameLog {
  /** A frame leaves `port`, or has come to it. It is lent until this returns. */
  frame(
    port: LinkPort,
    bytes: Uint8Array,
    start: number,
    end: number,
    inbound: boolean,
    at: number,
    number: number,
  ): void
  /** It will not arrive. */
  lost?(number: number, why: FrameLoss, at: number): void
  /** Its last bit leaves at one instant, and comes to the other end at another. Links that take no time do not say so. */
  leaves?(number: number, leftAt: number, dueAt: number): void
  /** Bits of it are not what they were. */
  damaged?(number: number, at: number): void
  /** All that is on a link is lost, without a word for each. */
  cut?(link: Link, at: number): void
}
