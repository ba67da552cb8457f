import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import type { Endpoint } from '../socket/provider.ts'
import { Stack } from '../stack/stack.ts'
import { DrillDevice, type SentPacket } from './drill-device.ts'
import type { DrillSystem, SystemSettings } from './drill-system.ts'
import { DrillFailure } from './failure.ts'
import { applyCommand } from './init-commands.ts'
import type { ShellCommand } from './script.ts'

/** A stack on a clock that stands still until it is moved, with one link, whose other end is the script. */
export class StackSystem implements DrillSystem {
  readonly realTime: boolean = false
  readonly stack: Stack
  readonly #clock = new ManualClock()
  readonly #device: DrillDevice

  constructor({ addresses, host, initCommand }: SystemSettings) {
    const configured = initCommand === null ? {} : applyCommand(initCommand, {})
    this.#device = new DrillDevice(this.#clock, host.mtu)
    this.stack = new Stack({
      clock: this.#clock,
      random: new SeededRandom(host.seed),
      profile: host.profile,
      ...configured,
    })
    const networkInterface = this.stack.attach(this.#device, {
      address: `${addresses.local}/${addresses.prefixLength}`,
      duplicateAddressDetection: false,
    })
    this.stack.addRoute(addresses.local.isV4 ? '0.0.0.0/0' : '::/0', { interface: networkInterface })
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
    if (Object.keys(applyCommand(command, {})).length > 0) {
      throw new DrillFailure(command, 'a stack cannot be set up anew while it runs: use the init command')
    }
  }

  close(): void {
    this.stack.close()
  }
}
