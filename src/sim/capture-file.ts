// Captures of a simulation: what each host sends and hears, with the simulation's time.

import { given } from '../base/argument.ts'
import { DIRECTION_INBOUND, DIRECTION_OUTBOUND, LINKTYPE_ETHERNET, PcapngWriter } from '../wire/pcapng.ts'
import type { FrameLog } from './frame-log.ts'
import type { LinkPort } from './link-port.ts'

/** Gets blocks of a pcapng file, lent until it returns. */
export type CaptureOutput = (bytes: Uint8Array) => void

/** Writes frames as they come. `at`: milliseconds since 1970. */
export class CaptureFile implements FrameLog {
  readonly #writer: PcapngWriter
  readonly #interfaces = new Map<LinkPort, number>()

  constructor(output: CaptureOutput, comment: string) {
    this.#writer = new PcapngWriter(output, { resolution: 9, comment })
  }

  frame(port: LinkPort, bytes: Uint8Array, start: number, end: number, inbound: boolean, at: number): void {
    let number = this.#interfaces.get(port)
    if (number === undefined) {
      number = this.#writer.addInterface({
        linkType: LINKTYPE_ETHERNET,
        name: port.name,
        description: port.link.name,
        hardwareAddress: port.hardwareAddress,
      })
      this.#interfaces.set(port, number)
    }
    this.#writer.packet(number, at, inbound ? DIRECTION_INBOUND : DIRECTION_OUTBOUND, bytes, start, end)
  }
}

interface Recent {
  readonly port: LinkPort
  readonly bytes: Uint8Array
  readonly inbound: boolean
  readonly at: number
  readonly number: number
}

/** Keeps the last frames in memory, for the case that something goes wrong; the oldest make room. */
export class RecentFrames implements FrameLog {
  readonly #limit: number
  #frames: Recent[] = []
  #head = 0
  #octets = 0

  /** `limit`: octets of frames. */
  constructor(limit: number) {
    this.#limit = limit
  }

  frame(
    port: LinkPort,
    bytes: Uint8Array,
    start: number,
    end: number,
    inbound: boolean,
    at: number,
    number: number,
  ): void {
    this.#frames.push({ port, bytes: bytes.slice(start, end), inbound, at, number })
    this.#octets += end - start
    while (this.#octets > this.#limit) this.#octets -= (this.#frames[this.#head++] as Recent).bytes.length
    if (this.#head > 4096 && this.#head > this.#frames.length >> 1) {
      this.#frames = this.#frames.slice(this.#head)
      this.#head = 0
    }
  }

  /** Shows what it keeps, oldest first. */
  replay(to: FrameLog): void {
    for (let i = this.#head; i < this.#frames.length; i++) {
      const { port, bytes, inbound, at, number } = this.#frames[i] as Recent
      to.frame(port, bytes, 0, bytes.length, inbound, at, number)
    }
  }
}

interface Files {
  openSync(path: string, flags: string): number
  writeSync(file: number, bytes: Uint8Array): number
}

interface WithBuiltins {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/** Writes to a new file. Throws an Error where there are no files: in a browser. */
export function fileOutput(path: string): CaptureOutput {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`path must be the name of a file, got ${given(path)}`)
  const files = (globalThis as WithBuiltins).process?.getBuiltinModule?.('node:fs') as Files | undefined
  if (files === undefined)
    throw new Error('a capture by name is written in Node alone: give a function that takes its bytes')
  const file = files.openSync(path, 'w')
  return (bytes) => void files.writeSync(file, bytes)
}
