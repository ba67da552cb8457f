import { checkInteger, checkNumber, checkOptions, checkText, given } from '../base/argument.ts'
import { Capture, type CaptureSink } from '../device/capture.ts'
import type { Device } from '../device/device.ts'
import { PcapngSink } from '../device/pcapng-sink.ts'
import { PcapngWriter } from '../wire/pcapng.ts'
import { type CaptureOutput, descriptorOutput, type Lost, openOutput } from './capture-output.ts'

export interface CaptureFileOptions {
  /** Octets of each packet that are kept. Default: all. */
  readonly snapLength?: number
  /** Milliseconds since 1970 at which the clock of the stacks stood at 0. Default: for stacks on the machine's clock. */
  readonly epoch?: number
  /** Octets that wait for the reader of a pipe, from 64 KiB on; packets beyond that are lost, and counted. Default 16 MiB. */
  readonly queue?: number
  /** It cannot be written any more: the disk is full, the reader of the pipe has gone (`error.cause` has the code EPIPE). */
  readonly lost?: (error: Error) => void
}

const KEYS: readonly (keyof CaptureFileOptions)[] = ['snapLength', 'epoch', 'queue', 'lost']

/**
 * Writes captures to the file at `path` as pcapng, which Wireshark, tshark and tcpdump read; what was in it is gone. A named pipe
 * (mkfifo) is waited for in the background: packets pass from when somebody reads it, the first among them as far as they fit.
 * Throws an Error that names the path where it cannot be opened.
 *
 * ```ts
 * const file = captureToFile('/tmp/lan.pcapng')
 * stack.attach(file.capture(device), { address: '10.0.0.2/24' })
 * // …
 * await file.close()
 * ```
 */
export function captureToFile(path: string, options: CaptureFileOptions = {}): CaptureFile {
  if (typeof path !== 'string') throw new TypeError(`path must be a string, got ${given(path)}`)
  checkText('path', path)
  return new CaptureFile(path, options, (queue, lost) => openOutput(path, queue, lost))
}

/** The same for a descriptor, which stays open and the caller's: 1 is standard output, for a pipe into tshark. */
export function captureToDescriptor(fd: number, options: CaptureFileOptions = {}): CaptureFile {
  checkInteger('fd', fd, 0)
  return new CaptureFile(`descriptor ${fd}`, options, (queue, lost) => descriptorOutput(fd, queue, lost))
}

/** A file of captures that is being written. `captureToFile` makes one. */
export class CaptureFile {
  readonly path: string
  /** Packets written, and those lost because a pipe was full. */
  packets = 0
  lost = 0
  readonly #output: CaptureOutput
  readonly #writer: PcapngWriter
  readonly #snapLength: number | undefined
  readonly #epoch: number
  #failure: Error | null = null
  #closing: Promise<void> | null = null

  constructor(path: string, options: CaptureFileOptions, open: (queue: number, lost: Lost) => CaptureOutput) {
    checkOptions('options', options, KEYS)
    const { snapLength, epoch, queue = 16 << 20, lost } = options
    if (snapLength !== undefined) checkInteger('options.snapLength', snapLength, 1)
    checkNumber('options.epoch', epoch)
    checkInteger('options.queue', queue, 65536)
    if (lost !== undefined && typeof lost !== 'function') {
      throw new TypeError(`options.lost must be a function, got ${given(lost)}`)
    }
    this.path = path
    this.#snapLength = snapLength
    this.#epoch = epoch ?? Date.now() - performance.now()
    let opened = false
    try {
      this.#output = open(queue, (error) => {
        this.#failure = this.#failed(error)
        if (opened) lost?.(this.#failure)
      })
    } catch (error) {
      throw this.#failed(error as NodeJS.ErrnoException)
    }
    this.#writer = new PcapngWriter((bytes) => {
      if (this.#output.write(bytes)) this.packets++
      else this.lost++
    })
    // A file that takes nothing is known before anything is captured.
    this.#output.flush()
    if (this.#failure !== null) throw this.#failure
    opened = true
    this.packets = 0
  }

  /** A sink that writes what it is shown of `device`, as one more interface of the file. Of the device only the three fields are read. */
  sink(device: Pick<Device, 'name' | 'medium' | 'hardwareAddress'>): CaptureSink {
    const packets = this.packets
    const sink = new PcapngSink(this.#writer, device, this.#epoch, this.#snapLength)
    // The description of the interface is no packet.
    this.packets = packets
    return sink
  }

  /** A device around `device` that writes all that passes to the file. */
  capture(device: Device): Capture {
    return new Capture(device, this.sink(device))
  }

  /** Writes what was gathered: otherwise that happens after a tenth of a second. */
  flush(): void {
    this.#output.flush()
  }

  /** Writes what is left, and closes the file. Resolves when it is closed; twice is once. */
  close(): Promise<void> {
    this.#closing ??= this.#output.close()
    return this.#closing
  }

  #failed(error: NodeJS.ErrnoException): Error {
    // "ENOENT: no such file or directory, open '/no/such/file'"
    const reason = /^[A-Z0-9]+: (.*?), /.exec(error.message)?.[1] ?? error.message
    return new Error(`the capture ${JSON.stringify(this.path)} cannot be written, ${reason}`, { cause: error })
  }
}
