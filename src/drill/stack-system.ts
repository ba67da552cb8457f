import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import type { Endpoint } from '../socket/provider.ts'
import type { RoutingEntry } from '../stack/ip/routing-table.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
import { Stack } from '../stack/stack.ts'
import { DrillDevice, type SentPacket } from './drill-device.ts'
import type { DrillSystem, SystemSettings } from './drill-system.ts'
import type { HostControl } from './host-control.ts'
import type { RouteChange } from './route-command.ts'
import type { ShellCommand } from './script.ts'
import { applyCommand } from './shell-commands.ts'

/**
 * A stack on a clock that stands still until it is moved, with one link, whose other end is the script: what `runScript` tests unless it
 * is given another system. Derive from it to test a program of your own that runs on `stack`: it may use endpoints and their watchers,
 * which act at once; promises have no turn while a script runs.
 */
export class StackSystem implements DrillSystem {
  readonly realTime: boolean = false
  readonly wallStart: number = 0
  readonly stack: Stack
  readonly notes: string[] = []
  readonly #clock = new ManualClock()
  readonly #device: DrillDevice
  readonly #interface: NetworkInterface
  /** The prefix of all that is not on the link, in the family of the run. */
  readonly #any: string
  /** By their prefixes. */
  readonly #routes = new Map<string, RoutingEntry>()
  /** By path. */
  readonly #files = new Map<string, number>([['/dev/null', 0]])
  readonly #control: HostControl = {
    configure: (change) => this.stack.tcp.configure(change),
    changeRoute: (change) => this.#changeRoute(change),
    forgetPeers: () => this.stack.tcp.fastOpen?.forget(),
    note: (text) => this.notes.push(text),
    file: (path, size) => this.#files.set(path, size),
  }

  constructor({ addresses, host, initCommand }: SystemSettings) {
    this.#device = new DrillDevice(this.#clock, host.mtu)
    this.stack = new Stack({
      clock: this.#clock,
      random: new SeededRandom(host.seed),
      profile: host.profile,
    })
    this.#interface = this.stack.attach(this.#device, {
      address: `${addresses.local}/${addresses.prefixLength}`,
      duplicateAddressDetection: false,
    })
    this.#any = addresses.local.isV4 ? '0.0.0.0/0' : '::/0'
    this.#changeRoute({ prefix: this.#any, metrics: {} })
    if (initCommand !== null) this.command(initCommand)
  }

  get now(): number {
    return Math.round(this.#clock.now() * 1000)
  }

  get sent(): SentPacket[] {
    return this.#device.sent
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    return this.stack.socket(family, type, protocol)
  }

  inject(bytes: Uint8Array): void {
    this.#device.inject(bytes)
  }

  settle(): void {
    this.#clock.settle()
  }

  nextAt(): number {
    return this.#clock.nextAt() * 1000
  }

  advanceTo(at: number): void {
    this.#clock.advanceTo(at / 1000)
  }

  command(command: ShellCommand): void {
    applyCommand(command, this.#control)
  }

  #changeRoute({ prefix, metrics }: RouteChange): void {
    const wanted = prefix === 'default' ? this.#any : prefix
    const before = this.#routes.get(wanted)
    if (before !== undefined) this.stack.removeRoute(before)
    this.#routes.set(wanted, this.stack.addRoute(wanted, { interface: this.#interface, ...metrics }))
  }

  fileSize(path: string): number | null {
    return this.#files.get(path) ?? null
  }

  close(): void {
    this.stack.close()
  }
}
