import type { CaptureDirection, CaptureSink } from '../../device/capture.ts'
import { Capture } from '../../device/capture.ts'
import type { Device } from '../../device/device.ts'
import { type CaptureFile, captureToDescriptor, captureToFile } from '../../os/capture-file.ts'
import { realClock } from '../../platform/real-clock.ts'
import { fileFailure } from '../file-failure.ts'
import type { CaptureFilter } from './capture-filter.ts'
import { CaptureHeaders } from './capture-headers.ts'

/** A packet that a filter wants, for people. `bytes[start, end)` is what is kept of it, lent; `at` is in milliseconds since 1970. */
export type ShowPacket = (
  bytes: Uint8Array,
  start: number,
  end: number,
  medium: 'ethernet' | 'ip',
  length: number,
  at: number,
) => void

export interface TargetOptions {
  readonly write?: string
  readonly count?: number
  readonly snapshotLength: number
}

/** Where the packets go that a filter wants: to people, or into a file. */
export class CaptureTarget implements CaptureSink {
  /** Resolves when enough has been captured, or the reader of a pipe has; rejects where the file cannot be written any more. */
  readonly over: Promise<void>
  readonly #filter: CaptureFilter
  readonly #options: TargetOptions
  readonly #show: ShowPacket
  readonly #headers = new CaptureHeaders()
  readonly #file: CaptureFile | null
  #medium: 'ethernet' | 'ip' = 'ethernet'
  #sink: CaptureSink | null = null
  #captured = 0
  #seen = 0
  #end: () => void = () => {}
  #fail: (error: Error) => void = () => {}
  /** Milliseconds since 1970 at which the stack's clock stood at 0. */
  readonly #epoch = Date.now() - realClock.now()

  constructor(filter: CaptureFilter, options: TargetOptions, show: ShowPacket) {
    this.#filter = filter
    this.#options = options
    this.#show = show
    this.over = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.over.catch(() => {})
    this.#file = options.write === undefined ? null : this.#open(options.write)
  }

  around(device: Device): Device {
    this.#medium = device.medium
    this.#sink = this.#file?.sink(device) ?? null
    return new Capture(device, this)
  }

  frame(bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number): void {
    const { count = Number.POSITIVE_INFINITY, snapshotLength } = this.#options
    this.#seen++
    if (this.#captured >= count) return
    this.#headers.read(bytes, start, end, this.#medium)
    if (!this.#filter(this.#headers, direction)) return
    this.#captured++
    if (this.#sink !== null) this.#sink.frame(bytes, start, end, direction, at)
    else this.#show(bytes, start, Math.min(end, start + snapshotLength), this.#medium, end - start, this.#epoch + at)
    if (this.#captured >= count) this.#end()
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  summary(): string {
    const lost = this.#file?.lost ?? 0
    const captured = `${this.#captured - lost} packet${this.#captured - lost === 1 ? '' : 's'} captured`
    return `${captured}, ${this.#seen} seen${lost === 0 ? '' : `, ${lost} lost: the reader was too slow`}\n`
  }

  #open(path: string): CaptureFile {
    const failed = (error: Error) => {
      const cause = error.cause as NodeJS.ErrnoException
      // Who reads it has seen enough.
      if (cause.code === 'EPIPE') this.#end()
      else this.#fail(new Error(`-w ${fileFailure(path, cause)}`))
    }
    const options = { snapLength: this.#options.snapshotLength, epoch: this.#epoch, lost: failed }
    try {
      return path === '-' ? captureToDescriptor(1, options) : captureToFile(path, options)
    } catch (error) {
      throw new Error(`-w ${fileFailure(path, (error as Error).cause)}`)
    }
  }
}
