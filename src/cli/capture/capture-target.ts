import type { CaptureDirection, CaptureSink } from '../../device/capture.ts'
import { type CaptureFile, captureToDescriptor, captureToFile } from '../../os/capture-file.ts'
import { fileFailure } from '../file-failure.ts'
import type { CaptureFilter } from './capture-filter.ts'
import { CaptureHeaders } from './capture-headers.ts'
import { type CapturedLink, placeText } from './capture-source.ts'

/**
 * A packet that a filter wants, for people. `bytes[start, end)` is what is kept of it, lent; `at` is in milliseconds since 1970; `place`
 * says at which interface it passed and which way, where that is to be told: "eth0  Out ".
 */
export type ShowPacket = (
  bytes: Uint8Array,
  start: number,
  end: number,
  medium: 'ethernet' | 'ip',
  length: number,
  at: number,
  place: string,
) => void

export interface TargetOptions {
  readonly write?: string
  readonly count?: number
  readonly snapshotLength: number
}

export interface LinkOptions {
  /** Milliseconds since 1970 at which the clock stood at 0 that instants of its frames are told by. */
  readonly epoch: number
  /** Whether lines say at which interface a packet passed: there are several. */
  readonly isNamed: boolean
}

/** Where the packets go that a filter wants: to people, or into a file. */
export class CaptureTarget {
  /** Resolves when enough has been captured, or the reader of a pipe has; rejects where the file cannot be written any more. */
  readonly over: Promise<void>
  readonly #filter: CaptureFilter
  readonly #options: TargetOptions
  readonly #show: ShowPacket
  readonly #headers = new CaptureHeaders()
  #file: CaptureFile | null = null
  #captured = 0
  #seen = 0
  #end: () => void = () => {}
  #fail: (error: Error) => void = () => {}

  constructor(filter: CaptureFilter, options: TargetOptions, show: ShowPacket) {
    this.#filter = filter
    this.#options = options
    this.#show = show
    this.over = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.over.catch(() => {})
  }

  /** Opens the file, if there is to be one: what was in it is gone. Twice is once. Throws where it cannot be written. */
  open(): void {
    const { write } = this.#options
    if (write !== undefined) this.#file ??= this.#opened(write)
  }

  /** What takes the frames of an interface: one more. */
  sink(link: CapturedLink, { epoch, isNamed }: LinkOptions): CaptureSink {
    this.open()
    const file = this.#file?.sink(link) ?? null
    const { medium, name } = link
    const places = isNamed ? { in: placeText(name, 'in'), out: placeText(name, 'out') } : { in: '', out: '' }
    return {
      frame: (bytes, start, end, direction, at) => {
        if (!this.#wants(bytes, start, end, medium, direction)) return
        this.#captured++
        if (file !== null) file.frame(bytes, start, end, direction, epoch + at)
        else this.#shown(bytes, start, end, medium, epoch + at, places[direction])
        if (this.#captured >= this.#count) this.#end()
      },
    }
  }

  get #count(): number {
    return this.#options.count ?? Number.POSITIVE_INFINITY
  }

  #wants(
    bytes: Uint8Array,
    start: number,
    end: number,
    medium: CapturedLink['medium'],
    direction: CaptureDirection,
  ): boolean {
    this.#seen++
    if (this.#captured >= this.#count) return false
    this.#headers.read(bytes, start, end, medium)
    return this.#filter(this.#headers, direction)
  }

  #shown(
    bytes: Uint8Array,
    start: number,
    end: number,
    medium: CapturedLink['medium'],
    at: number,
    place: string,
  ): void {
    const { snapshotLength } = this.#options
    this.#show(bytes, start, Math.min(end, start + snapshotLength), medium, end - start, at, place)
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  /** What came of it; `missed` are packets that did not come, since they were read too slowly. */
  summary(missed: number): string {
    const unwritten = this.#file?.lost ?? 0
    const lost = unwritten + missed
    const count = this.#captured - unwritten
    const captured = `${count} packet${count === 1 ? '' : 's'} captured`
    return `${captured}, ${this.#seen} seen${lost === 0 ? '' : `, ${lost} lost: the reader was too slow`}\n`
  }

  #opened(path: string): CaptureFile {
    const failed = (error: Error) => {
      const cause = error.cause as NodeJS.ErrnoException
      // Who reads it has seen enough.
      if (cause.code === 'EPIPE') this.#end()
      else this.#fail(new Error(`-w ${fileFailure(path, cause)}`))
    }
    const options = { snapLength: this.#options.snapshotLength, epoch: 0, lost: failed }
    try {
      return path === '-' ? captureToDescriptor(1, options) : captureToFile(path, options)
    } catch (error) {
      throw new Error(`-w ${fileFailure(path, (error as Error).cause)}`)
    }
  }
}
