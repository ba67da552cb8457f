// Read first: IEEE 802.1D-2004 section 7.

import {
  checkBoolean,
  checkInteger,
  checkMethods,
  checkNumber,
  checkOptions,
  checkText,
  given,
} from '../base/argument.ts'
import { write16, write32 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { hardwareAddressText } from '../wire/describe-layer.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { checkDevice, type Device } from './device.ts'
import { checkHardwareAddress, deriveHardwareAddress } from './hardware-address.ts'
import { SwitchFabric } from './switch-fabric.ts'
import { SwitchPlug } from './switch-plug.ts'
import { SwitchPort } from './switch-port.ts'

export interface SwitchOptions {
  /** By which addresses grow old and plugged devices live: that of the stacks. */
  readonly clock: Clock
  /** Ports are named after it: "switch1.1". Default: "switch" and a running number. */
  readonly name?: string
  /** The largest IP packet on the ports for stacks, from 68 to 65535 octets. Default 1500. */
  readonly mtu?: number
  /**
   * Carry partial checksums and large segments as they are, as a bridge of virtual interfaces does. Default false: what leaves a
   * port is padded and carries a frame check sequence, which the stack's end of the wire looks at.
   */
  readonly offloads?: boolean
  /** Octets that wait for each port. Default 1 MiB. */
  readonly queue?: number
  /** Hardware addresses that are remembered; the one heard longest ago makes room. Default 8192. */
  readonly addresses?: number
  /** Milliseconds after which an address that was not heard again is forgotten. Default 300,000. */
  readonly aging?: number
}

const KEYS: readonly (keyof SwitchOptions)[] = ['clock', 'name', 'mtu', 'offloads', 'queue', 'addresses', 'aging']

/** What a switch knows of one hardware address. */
export interface SwitchAddress {
  /** "02:00:00:00:00:01" */
  readonly hardwareAddress: string
  readonly port: SwitchPort | SwitchPlug
  /** Milliseconds since it was heard. */
  readonly age: number
}

let unnamed = 0

/**
 * A learning Ethernet switch: any number of ports, for stacks and for devices. A frame goes to the port at which its destination
 * was heard last, to all others while that is not known, and never back. Frames with a VLAN tag pass as they are.
 *
 * A stack whose frame finds the queue of its destination full is made to wait, as by a pause frame (IEEE 802.3 annex 31B). All
 * else that finds a full queue is lost: frames for all, frames from and for plugged devices. There is no spanning tree: two switches must not be
 * joined twice.
 *
 * ```ts
 * const lan = new Switch({ clock })
 * server.attach(lan.port(), { address: '10.0.0.1/24' })
 * client.attach(lan.port(), { address: '10.0.0.2/24' })
 * lan.plug(openTap('jf0')) // and the kernel is on it too
 * ```
 */
export class Switch {
  readonly name: string
  readonly mtu: number
  readonly #fabric: SwitchFabric
  readonly #offloads: boolean
  readonly #queue: number
  #made = 0

  /** TypeError and RangeError for what cannot be. */
  constructor(options: SwitchOptions) {
    checkOptions('options', options, KEYS)
    const { clock, mtu = 1500, queue = 1 << 20, addresses = 8192, aging = 300_000 } = options
    checkMethods('options.clock', clock, 'a Clock', 'now', 'defer', 'alarm')
    checkText('options.name', options.name)
    checkBoolean('options.offloads', options.offloads)
    checkInteger('options.mtu', mtu, IPV4_MTU_MIN, 65535)
    checkInteger('options.queue', queue, 1)
    checkInteger('options.addresses', addresses, 1, 1 << 20)
    checkNumber('options.aging', aging)
    if (!(aging > 0)) throw new RangeError(`options.aging must be greater than 0, got ${given(aging)}`)
    this.name = options.name ?? `switch${++unnamed}`
    this.mtu = mtu
    this.#fabric = new SwitchFabric(clock, addresses, aging)
    this.#offloads = options.offloads ?? false
    this.#queue = queue
  }

  /**
   * A new port, for one stack to be attached to. `hardwareAddress`, six octets, is that of the stack; left out, it is derived from
   * the name. Close the port to take it out again.
   */
  port(name?: string, hardwareAddress?: Uint8Array): SwitchPort {
    checkText('name', name)
    if (hardwareAddress !== undefined) checkHardwareAddress('hardwareAddress', hardwareAddress)
    const named = name ?? this.#nextName()
    const address = hardwareAddress?.slice() ?? deriveHardwareAddress(named)
    const port = new SwitchPort(this.#fabric, named, address, this.mtu, this.#offloads, this.#queue)
    this.#fabric.add(port)
    return port
  }

  /**
   * Plugs in a device that nobody is attached to: a TAP, the end of a cable, a frame stream, a port of another switch. From then
   * on it is the switch's; closing what is returned takes it out and closes it. RangeError where it does not carry Ethernet.
   */
  plug(device: Device, name?: string): SwitchPlug {
    checkDevice('device', device)
    checkText('name', name)
    if (device.medium !== 'ethernet') {
      throw new RangeError(`device must carry Ethernet frames, got ${device.name}, which carries ${device.medium}`)
    }
    const plug = new SwitchPlug(this.#fabric, device, name ?? device.name, this.#queue)
    this.#fabric.add(plug)
    return plug
  }

  /** All ports, in the order in which they were made. */
  get ports(): readonly (SwitchPort | SwitchPlug)[] {
    return this.#fabric.ports as readonly (SwitchPort | SwitchPlug)[]
  }

  /** What the switch has learnt, the address heard longest ago first. */
  addresses(): SwitchAddress[] {
    const found: SwitchAddress[] = []
    const octets = new Uint8Array(6)
    this.#fabric.table.visit(this.#fabric.clock.now(), (high, low, port, age) => {
      write16(octets, 0, high)
      write32(octets, 2, low)
      found.push({ hardwareAddress: hardwareAddressText(octets, 0), port: port as SwitchPort | SwitchPlug, age })
    })
    return found
  }

  /** Addresses that were forgotten before their time, because others came while the table was full. */
  get forgotten(): number {
    return this.#fabric.table.forgotten
  }

  /** Closes all ports and what is plugged into them. */
  close(): void {
    for (const port of [...this.#fabric.ports]) (port as SwitchPort | SwitchPlug).close()
  }

  #nextName(): string {
    return `${this.name}.${++this.#made}`
  }
}
