// What passes on the links of a simulation, told to whoever looks, and changed by whoever may.

import { checkMethods, given } from '../base/argument.ts'
import type { FrameFates } from '../device/impair-direction.ts'
import { checkFrameAct, type FrameAct, type FrameInterceptor } from './frame-act.ts'
import type { FrameLog, FrameLoss } from './frame-log.ts'
import type { Invariants } from './invariants.ts'
import type { Link, LinkTraffic } from './link.ts'
import type { LinkPort } from './link-port.ts'
import type { Partition } from './partition.ts'
import type { Timeline } from './timeline.ts'

export class Traffic implements LinkTraffic, FrameFates {
  partition: Partition | null = null
  interceptor: FrameInterceptor | null = null
  readonly #timeline: Timeline
  readonly #invariants: Invariants | null
  readonly #failed: (error: unknown) => void
  readonly #logs: FrameLog[] = []
  #numbers = 0

  /** `failed` is told what an interceptor throws. */
  constructor(timeline: Timeline, invariants: Invariants | null, failed: (error: unknown) => void) {
    this.#timeline = timeline
    this.#invariants = invariants
    this.#failed = failed
  }

  log(log: FrameLog): void {
    checkMethods('log', log, 'an object with a method frame', 'frame')
    this.#logs.push(log)
  }

  intercept(interceptor: FrameInterceptor | null): void {
    if (interceptor !== null && typeof interceptor !== 'function') {
      throw new TypeError(`interceptor must be a function or null, got ${given(interceptor)}`)
    }
    this.interceptor = interceptor
  }

  get #at(): number {
    return this.#timeline.epoch + this.#timeline.now
  }

  departs(port: LinkPort, bytes: Uint8Array, start: number, end: number): number {
    const number = ++this.#numbers
    this.#seen(port, bytes, start, end, false, number)
    return number
  }

  arrives(port: LinkPort, bytes: Uint8Array, start: number, end: number, number: number): void {
    this.#seen(port, bytes, start, end, true, number)
  }

  #seen(port: LinkPort, bytes: Uint8Array, start: number, end: number, inbound: boolean, number: number): void {
    const at = this.#at
    for (const log of this.#logs) log.frame(port, bytes, start, end, inbound, at, number)
    this.#invariants?.frame(port, bytes, start, end, inbound)
  }

  parted(port: LinkPort, bytes: Uint8Array, start: number, end: number): boolean {
    return this.partition?.stops(port.node, bytes, start, end) ?? false
  }

  intercepted(to: LinkPort, bytes: Uint8Array, start: number, end: number, number: number): FrameAct | null {
    if (this.interceptor === null) return null
    try {
      const act = this.interceptor({ number, to, bytes: bytes.subarray(start, end) }) ?? null
      if (act !== null) checkFrameAct(act)
      return act
    } catch (error) {
      this.#failed(error)
      return null
    }
  }

  lost(number: number, why: FrameLoss): void {
    for (const log of this.#logs) log.lost?.(number, why, this.#at)
  }

  damaged(number: number): void {
    for (const log of this.#logs) log.damaged?.(number, this.#at)
  }

  leaves(number: number, leftAt: number, dueAt: number): void {
    const { epoch } = this.#timeline
    for (const log of this.#logs) log.leaves?.(number, epoch + leftAt, epoch + dueAt)
  }

  cut(link: Link): void {
    for (const log of this.#logs) log.cut?.(link, this.#at)
  }
}
