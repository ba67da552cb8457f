import { closeSync, openSync, writeSync } from 'node:fs'
import { IpAddress } from '../base/ip-address.ts'
import { Capture } from '../device/capture.ts'
import type { Device } from '../device/device.ts'
import { Impair } from '../device/impair.ts'
import { type ImpairOptions, parseImpairment } from '../device/impairment.ts'
import { PcapngSink } from '../device/pcapng-sink.ts'
import { openTap, openTun, type TunTapOptions } from '../os/open-tuntap.ts'
import type { TunTap } from '../os/tuntap.ts'
import { realClock } from '../platform/real-clock.ts'
import { Stack } from '../platform/stack.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
import { PcapngWriter } from '../wire/pcapng.ts'
import { fileFailure } from './file-failure.ts'
import { linkOf, neighbourOf, onLink } from './link-address.ts'
import { UsageError } from './usage-error.ts'
import { WHERE_SYNTAX, type Where } from './where.ts'

/** What the subcommands that run a stack have in common. */
export interface HostOptions {
  /** The text of --on. It is required, but by `requireWhere`: commander would ask for it before it looks at unknown options. */
  readonly on?: string
  /** The text of --impair. */
  readonly impair?: string
  /** The file of --capture. */
  readonly capture?: string
}

export const ON_OPTION = ['--on <where>', `where the stack is joined to the kernel's network: ${WHERE_SYNTAX}`] as const
export const IMPAIR_OPTION = [
  '--impair <text>',
  'make the link a bad one: loss=3%,delay=10ms,jitter=2ms,reorder=5%,duplicate=1%,corrupt=0.1%,rate=10M,seed=7',
] as const
export const CAPTURE_OPTION = ['--capture <file>', 'write every packet to a pcapng file for Wireshark'] as const

const LINK_TRIES = 200
const LINK_PAUSE = 5

// Blocks are gathered up to this size before they are written: a system call for each packet would halve the throughput.
const CAPTURE_BUFFER = 1 << 20

/** A stack that is joined to the kernel's network as the command line says. */
export class Host {
  readonly stack: Stack
  readonly link: NetworkInterface
  readonly where: Where
  readonly device: TunTap
  readonly #capture: CaptureFile | null
  #gone: ((error: Error) => void) | null = null
  /** Rejects if the interface goes away, or the capture cannot be written any more. */
  readonly lost: Promise<never>

  constructor(where: Where, options: HostOptions) {
    this.where = where
    const impair =
      options.impair !== undefined
        ? readImpairment(options.impair, '--impair')
        : where.impairment !== ''
          ? readImpairment(where.impairment, '--on impair=')
          : null
    this.lost = new Promise((_, reject) => {
      this.#gone = reject
    })
    this.lost.catch(() => {})
    const { kind, name, mtu, offloads, busyPoll } = this.where
    this.device = openDevice(kind, name, {
      offloads,
      ...(mtu === null ? {} : { mtu }),
      ...(busyPoll === null ? {} : { busyPoll }),
      lost: (error) => this.#gone?.(error),
    })
    let device: Device = this.device
    if (impair !== null) device = new Impair(device, impair)
    const lost = (error: Error) => this.#gone?.(error)
    this.#capture = options.capture === undefined ? null : new CaptureFile(options.capture, lost)
    if (this.#capture !== null) {
      device = new Capture(device, new PcapngSink(this.#capture.writer, device, Date.now() - realClock.now()))
    }
    this.stack = new Stack()
    const { addresses, gateways, ipv6, dad } = this.where
    this.link = this.stack.attach(device, { address: [...addresses], name, ipv6, duplicateAddressDetection: dad })
    for (const via of gateways) this.stack.addRoute('default', { via, interface: this.link })
  }

  /** What is left for the administrator to do, as a line of shell. */
  get hint(): string {
    const { name, gateways, addresses } = this.where
    const lines = addresses.map((address) => {
      const link = linkOf(address)
      const gateway = gateways.find((one) => onLink(IpAddress.parse(one) as IpAddress, link)) ?? neighbourOf(link)
      if (gateway === null) return `ip route add ${address} dev ${name}`
      // The kernel too asks before it uses an IPv6 address; there is nobody else on this link to ask.
      return `ip address add ${gateway}/${link.length} dev ${name}${link.address.isV4 ? '' : ' nodad'}`
    })
    const up = `ip link set ${name} up`
    const routes = lines.filter((line) => line.startsWith('ip route'))
    return [...lines.filter((line) => !routes.includes(line)), up, ...routes].join('; ')
  }

  /** Resolves when frames pass, or after a second: what was sent before would be lost. false: they do not yet. */
  async linkUp(): Promise<boolean> {
    for (let i = 0; i < LINK_TRIES && !this.device.running; i++) {
      await new Promise((resolve) => setTimeout(resolve, LINK_PAUSE))
    }
    return this.device.running
  }

  /** Resolves when frames pass and the stack's own addresses are its own: when a program may begin. False: an address is not. */
  async ready(): Promise<boolean> {
    await this.linkUp()
    return this.link.settled()
  }

  close(): void {
    this.stack.close()
    this.#capture?.close()
  }
}

function openDevice(kind: Where['kind'], name: string, options: TunTapOptions): TunTap {
  try {
    return (kind === 'tap' ? openTap : openTun)(name, options)
  } catch (error) {
    // What no call was made for is the caller's: a name that cannot be one.
    const text = `--on ${kind}:${name}: ${(error as Error).message}`
    throw error instanceof RangeError ? new UsageError(text) : new Error(text)
  }
}

function readImpairment(text: string, flag: string): ImpairOptions {
  try {
    // People mean packets: a large segment that is lost whole would be forty of them.
    return { split: true, ...parseImpairment(text) }
  } catch (error) {
    throw new UsageError(`${flag} ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

class CaptureFile {
  readonly writer: PcapngWriter
  readonly #path: string
  #lost: (error: Error) => void
  readonly #fd: number
  readonly #buffer = new Uint8Array(CAPTURE_BUFFER)
  #used = 0
  #timer: NodeJS.Timeout | null = null
  #failed = false

  /** Throws where the file cannot be written; calls `lost` where it cannot be written any more. */
  constructor(path: string, lost: (error: Error) => void) {
    this.#path = path
    this.#lost = (error) => {
      throw error
    }
    try {
      this.#fd = openSync(path, 'w')
    } catch (error) {
      throw this.#failure(error)
    }
    this.writer = new PcapngWriter((bytes) => this.#write(bytes))
    this.#flush()
    this.#lost = lost
  }

  close(): void {
    this.#flush()
    closeSync(this.#fd)
  }

  #write(bytes: Uint8Array): void {
    if (this.#used + bytes.length > CAPTURE_BUFFER) this.#flush()
    if (bytes.length > CAPTURE_BUFFER) {
      this.#writeAll(bytes)
      return
    }
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    // Who watches the file while it grows sees packets soon.
    this.#timer ??= setTimeout(() => this.#flush(), 100)
    this.#timer.unref()
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writeAll(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  // Called while a packet is under way: an error goes to whoever runs the stack, not into it.
  #writeAll(bytes: Uint8Array): void {
    if (this.#failed) return
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    } catch (error) {
      this.#failed = true
      this.#lost(this.#failure(error))
    }
  }

  #failure(error: unknown): Error {
    return new Error(`--capture ${fileFailure(this.#path, error)}`)
  }
}
