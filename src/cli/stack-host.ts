import { IpAddress } from '../base/ip-address.ts'
import type { Device } from '../device/device.ts'
import { Impair } from '../device/impair.ts'
import { type ImpairOptions, parseImpairment } from '../device/impairment.ts'
import { type CaptureFile, captureToFile } from '../os/capture-file.ts'
import { openTap, openTun, type TunTapOptions } from '../os/open-tuntap.ts'
import type { TunTap } from '../os/tuntap.ts'
import { Stack } from '../platform/stack.ts'
import type { Provider } from '../socket/provider.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
import { fileFailure } from './file-failure.ts'
import type { Host, HostOptions } from './host.ts'
import { linkOf, neighbourOf, onLink } from './link-address.ts'
import { showCommand } from './netstat/show-command.ts'
import { NetworkConfiguration } from './network-configuration.ts'
import { UsageError } from './usage-error.ts'
import type { Where } from './where.ts'

const LINK_TRIES = 200
const LINK_PAUSE = 5

/** A stack that is joined to the kernel's network as the command line says. */
export class StackHost implements Host {
  readonly stack: Stack
  readonly provider: Provider
  readonly names = null
  readonly link: NetworkInterface
  readonly where: Where
  readonly device: TunTap
  readonly #capture: CaptureFile | null
  /** Takes the stack from the list of those that `jackfield netstat` shows. */
  readonly #hide: () => void
  #gone: ((error: Error) => void) | null = null
  readonly #configuration: NetworkConfiguration
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
          ? placeImpairment(where)
          : null
    this.lost = new Promise((_, reject) => {
      this.#gone = reject
    })
    this.lost.catch(() => {})
    const { kind, name, mtu, offloads, busyPoll } = this.where
    this.device = openDevice(where.source.name, kind, name, {
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
    this.provider = stack
    const { addresses, gateways, ipv6, dad } = this.where
    this.link = this.stack.attach(around(device), {
      address: [...addresses],
      name,
      ipv6,
      duplicateAddressDetection: dad,
    })
    for (const via of gateways) this.stack.addRoute('default', { via, interface: this.link })
    this.#hide = options.shown === false ? () => {} : showCommand(this.stack)
    this.#configuration = new NetworkConfiguration(this.stack, this.link, where, this.#running(), options)
  }

  async #running(): Promise<boolean> {
    for (let i = 0; i < LINK_TRIES && !this.device.running; i++) {
      await new Promise((resolve) => setTimeout(resolve, LINK_PAUSE))
    }
    return this.device.running
  }

  /** Throws a UsageError where `impair=` of a place cannot be read: before the device is opened. */
  static checkImpairment(where: Where): void {
    if (where.impairment !== '') placeImpairment(where)
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

  async linkUp(): Promise<boolean> {
    const up = await this.#running()
    if (up) await this.#configuration.soon
    return up
  }

  async ready(): Promise<boolean> {
    const up = await this.linkUp()
    const usable = await this.link.settled()
    if (up) await this.#configuration.all
    return usable
  }

  async linkUpOrTold(): Promise<boolean> {
    const up = await this.linkUp()
    if (!up) {
      process.stderr.write(
        `jackfield: ${this.where.name} is not up, nothing gets through; the kernel's side: ${this.hint}\n`,
      )
    }
    return up
  }

  async readyOrTold(): Promise<void> {
    if (await this.linkUpOrTold()) await this.ready()
  }

  get #untold(): string {
    if (this.where.either) return 'what DHCP and routers say'
    return this.where.dhcp ? 'the address that DHCP gives' : 'whatever addresses routers say'
  }

  get nameServers(): readonly string[] {
    return this.#configuration.nameServers
  }

  get searchDomains(): readonly string[] {
    return this.#configuration.searchDomains
  }

  get description(): string {
    return `on ${this.where.addresses.join(', ') || this.#untold}; the kernel's side: ${this.hint}`
  }

  get speaksIpv6(): boolean {
    return this.stack.interfaces.some((link) => link.ipv6 !== null && link !== this.stack.loopback)
  }

  interfaceIndex(name: string): number | null {
    return this.stack.interfaceNamed(name)?.index ?? null
  }

  interfaceName(index: number): string | null {
    return this.stack.interfaces.find((one) => one.index === index)?.name ?? null
  }

  close(): void {
    this.#hide()
    this.stack.close()
    void this.#capture?.close()
  }
}

function openDevice(source: string, kind: Where['kind'], name: string, options: TunTapOptions): TunTap {
  try {
    return (kind === 'tap' ? openTap : openTun)(name, options)
  } catch (error) {
    // What no call was made for is the caller's: a name that cannot be one.
    const text = `${source} ${kind}:${name}: ${(error as Error).message}`
    throw error instanceof RangeError ? new UsageError(text) : new Error(text)
  }
}

function placeImpairment({ source, impairment }: Where): ImpairOptions {
  return readImpairment(impairment, `${source.name} impair=`)
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
