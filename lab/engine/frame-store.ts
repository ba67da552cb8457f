// Every frame of a run, with its octets: what is looked at closely, and what is written to a capture.

import { CaptureFile } from '../../src/sim/capture-file.ts'
import type { LinkPort } from '../../src/sim/link-port.ts'
import { whole } from './whole.ts'

interface Passing {
  readonly number: number
  readonly port: LinkPort
  readonly inbound: boolean
  /** Milliseconds since 1970. */
  readonly at: number
  readonly bytes: Uint8Array
}

export class FrameStore {
  readonly #sent: Uint8Array[] = []
  readonly #passings: Passing[] = []
  /** Octets that it holds. */
  octets = 0

  get length(): number {
    return this.#sent.length
  }

  /** A frame leaves `port`, or has come to it. Numbers count up from 1. */
  add(
    port: LinkPort,
    bytes: Uint8Array,
    start: number,
    end: number,
    inbound: boolean,
    at: number,
    number: number,
  ): void {
    let kept = inbound ? (this.#sent[number - 1] as Uint8Array) : null
    // What arrives is what was sent, unless it was damaged.
    if (kept === null || !isSame(kept, bytes, start, end)) {
      kept = bytes.slice(start, end)
      this.octets += kept.length
    }
    if (!inbound) this.#sent[number - 1] = kept
    this.#passings.push({ number, port, inbound, at, bytes: kept })
  }

  /** The frame with this number, as it was sent; null: there is none. */
  frame(number: number): Uint8Array | null {
    return this.#sent[number - 1] ?? null
  }

  /** All of it as pcapng: each end of a link is an interface. */
  capture(comment: string): Uint8Array<ArrayBuffer> {
    return whole((take) => {
      const file = new CaptureFile(take, comment)
      for (const { port, bytes, inbound, at } of this.#passings) file.frame(port, bytes, 0, bytes.length, inbound, at)
    })
  }
}

function isSame(kept: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (kept.length !== end - start) return false
  for (let i = 0; i < kept.length; i++) if (kept[i] !== bytes[start + i]) return false
  return true
}
