import { IpAddress } from '../base/ip-address.ts'
import type { Device } from '../device/device.ts'
import { Impair } from '../device/impair.ts'
import { type ImpairOptions, parseImpairment } from '../device/impairment.ts'
import { type CaptureFile, captureToFile } from '../os/capture-file.ts'
import { openTap, openTun, type TunTapOptions } from '../os/open-tuntap.ts'
import type { TunTap } from '../os/tuntap.ts'
import { Stack } from '../platform/stack.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
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

  /** `around` makes the device that the stack gets of the one that --on names. */
  constructor(
    where: Where,
    options: HostOptions,
    around: (device: Device) => Device = (device) => device,
    stack: Stack = new Stack(),
  ) {
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
    this.#capture = options.capture === undefined ? null : openCapture(options.capture, (error) => this.#gone?.(error))
    if (this.#capture !== null) device = this.#capture.capture(device)
    this.stack = stack
    const { addresses, gateways, ipv6, dad } = this.where
    this.link = this.stack.attach(around(device), {
      address: [...addresses],
      name,
      ipv6,
      duplicateAddressDetection: dad,
    })
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

  /** Waits as `ready` does. Where nothing gets through it says on stderr what is to be done, and goes on. */
  async readyOrTold(): Promise<void> {
    if (await this.linkUp()) await this.link.settled()
    else {
      process.stderr.write(
        `jackfield: ${this.where.name} is not up, nothing gets through; the kernel's side: ${this.hint}\n`,
      )
    }
  }

  close(): void {
    this.stack.close()
    void this.#capture?.close()
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

function openCapture(path: string, lost: (error: Error) => void): CaptureFile {
  // Its error says what is wrong, and `fileFailure` what to do about it.
  const told = (error: unknown) => new Error(`--capture ${fileFailure(path, (error as Error).cause)}`)
  try {
    return captureToFile(path, { lost: (error) => lost(told(error)) })
  } catch (error) {
    throw told(error)
  }
}
