// Read first: tcpdump(8). What it prints, and what its flags mean, are tcpdump's as far as there is such a flag here.

import { Command } from 'commander'
import { read16 } from '../../base/bytes.ts'
import type { CaptureDirection, CaptureSink } from '../../device/capture.ts'
import { Capture } from '../../device/capture.ts'
import type { Device } from '../../device/device.ts'
import { type CaptureFile, captureToDescriptor, captureToFile } from '../../os/capture-file.ts'
import { realClock } from '../../platform/real-clock.ts'
import { describeLayers, describeLine } from '../../wire/describe.ts'
import { hardwareAddressText } from '../../wire/describe-layer.ts'
import { ethernetLength, etherTypeText } from '../../wire/describe-link.ts'
import { fileFailure } from '../file-failure.ts'
import { type HostOptions, IMPAIR_OPTION, ON_OPTION } from '../host.ts'
import { filePath, interfaceName } from '../option-values.ts'
import { StackHost } from '../stack-host.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { requireWhere } from '../where.ts'
import { wholeNumber } from '../whole-number.ts'
import { type CaptureFilter, FILTER_SYNTAX, parseFilter } from './capture-filter.ts'
import { CaptureHeaders } from './capture-headers.ts'

/** As tcpdump: so much of a packet is kept where nothing else is said, and so is all of it in fact. */
const SNAP_ALL = 262144

interface CaptureOptions extends HostOptions {
  readonly write?: string
  readonly count?: number
  readonly snapshotLength: number
  readonly interface?: string
  readonly verbose?: boolean
  readonly linkHeader?: boolean
}

export function captureCommand(): Command {
  return new Command('capture')
    .description(
      'show what passes where a stack of its own is joined to the network, as tcpdump does. ' +
        'The stack is a host meanwhile: it answers pings, and refuses connections',
    )
    .argument('[filter...]', FILTER_SYNTAX)
    .option(...ON_OPTION)
    .option(
      '-w, --write <file>',
      'write pcapng to a file or a named pipe, "-": to standard output, as in -w - | tshark -r -',
      filePath,
    )
    .option('-c, --count <count>', 'end after so many packets', wholeNumber(1, 0x7fffffff))
    .option('-s, --snapshot-length <octets>', 'keep so much of each packet', wholeNumber(1, SNAP_ALL), SNAP_ALL)
    .option('-i, --interface <name>', 'the interface to show: that of --on is the only one', interfaceName)
    .option('-v, --verbose', 'print every field of every header')
    .option('-e, --link-header', 'print the Ethernet header')
    .option('-n, --numeric', 'print addresses and ports as numbers, which happens anyway')
    .option(...IMPAIR_OPTION)
    .action(capture)
}

async function capture(words: readonly string[], options: CaptureOptions): Promise<void> {
  const filter = parseFilter(words.join(' '))
  const where = requireWhere(options.on, 'capture')
  const { interface: wanted = where.name } = options
  if (wanted !== where.name && wanted !== 'any') {
    throw new UsageError(`-i ${wanted}: --on has the interface ${where.name} alone; write that, or leave -i out`)
  }
  const target = new CaptureTarget(filter, options)
  // Opened around the device that the host makes of --on.
  const host = new StackHost(where, options, (device) => target.around(device))
  try {
    const link = host.device.medium === 'ethernet' ? 'EN10MB (Ethernet)' : 'RAW (Raw IP)'
    const length = `snapshot length ${options.snapshotLength} bytes`
    process.stderr.write(`listening on ${where.name}, link-type ${link}, ${length}; the kernel's side: ${host.hint}\n`)
    await Promise.race([untilSignal(), host.lost, target.over])
  } finally {
    await target.close()
    host.close()
    process.stderr.write(target.summary())
  }
}

/** Where the packets go that a filter wants: lines for people, or a file. */
class CaptureTarget implements CaptureSink {
  /** Resolves when enough has been captured, or the reader of a pipe has; rejects where the file cannot be written any more. */
  readonly over: Promise<void>
  readonly #filter: CaptureFilter
  readonly #options: CaptureOptions
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

  constructor(filter: CaptureFilter, options: CaptureOptions) {
    this.#filter = filter
    this.#options = options
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
    const { count = Number.POSITIVE_INFINITY } = this.#options
    this.#seen++
    if (this.#captured >= count) return
    this.#headers.read(bytes, start, end, this.#medium)
    if (!this.#filter(this.#headers, direction)) return
    this.#captured++
    if (this.#sink === null) process.stdout.write(this.#text(bytes, start, end, at))
    else this.#sink.frame(bytes, start, end, direction, at)
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

  #text(bytes: Uint8Array, start: number, end: number, at: number): string {
    const { snapshotLength, linkHeader, verbose } = this.#options
    const kept = Math.min(end, start + snapshotLength)
    const link = linkHeader && this.#medium === 'ethernet' ? linkText(bytes, start, kept, end - start) : ''
    const line = `${timeText(this.#epoch + at)} ${link}${describeLine(bytes, start, kept, this.#medium)}\n`
    if (!verbose) return line
    const layers = describeLayers(bytes, start, kept, this.#medium)
    const texts = layers.map(({ layer, fields }) => {
      return `    ${layer}: ${fields.map(({ name, value }) => `${name} ${value}`).join(', ')}\n`
    })
    return line + texts.join('')
  }
}

/** "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 0x0806 (ARP), length 42: " */
function linkText(bytes: Uint8Array, start: number, end: number, length: number): string {
  const header = ethernetLength(bytes, start, end)
  if (header < 0) return ''
  const ends = `${hardwareAddressText(bytes, start + 6)} > ${hardwareAddressText(bytes, start)}`
  const tag = header > 14 ? `vlan ${read16(bytes, start + 14) & 0xfff}, ` : ''
  return `${ends}, ${tag}ethertype ${etherTypeText(read16(bytes, start + header - 2))}, length ${length}: `
}

/** "10:20:30.123456", of the day here. */
function timeText(at: number): string {
  const date = new Date(at)
  const micros = Math.floor((at - Math.floor(at / 1000) * 1000) * 1000)
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0')
  return `${[date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => pad(value, 2)).join(':')}.${pad(micros, 6)}`
}
