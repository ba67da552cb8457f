import type { ConfiguredInterface, ConfiguredRoute } from '../../base/configured-interface.ts'
import { type Prefix, parseInterfaceAddress } from '../ip/prefix-text.ts'
import type { RoutingEntry } from '../ip/routing-table.ts'
import type { InterfaceAddress } from './interface-address.ts'
import type { NetworkInterface } from './network-interface.ts'

/**
 * Has an interface of a stack configured by somebody else, such as a client of DHCP, who adds and takes away his own addresses and routes
 * and no others.
 *
 * ```ts
 * const configuration = new InterfaceConfiguration(networkInterface)
 * configuration.addAddress('192.0.2.5/24')
 * configuration.addRoute({ to: 'default', via: '192.0.2.1' })
 * ```
 */
export class InterfaceConfiguration implements ConfiguredInterface {
  readonly hardwareAddress: Uint8Array
  readonly mtu: number
  readonly #interface: NetworkInterface
  readonly #addresses = new Map<string, InterfaceAddress>()
  /** Who waits to hear whether an address is ours. */
  readonly #claims = new Map<string, (usable: boolean) => void>()
  readonly #routes = new Map<string, RoutingEntry>()

  constructor(networkInterface: NetworkInterface) {
    const { hardwareAddress } = networkInterface.device
    if (hardwareAddress === null) throw new TypeError(`${networkInterface.name} has no hardware address`)
    this.#interface = networkInterface
    this.hardwareAddress = hardwareAddress
    this.mtu = networkInterface.mtu
  }

  get name(): string {
    return this.#interface.name
  }

  addAddress(address: string): void {
    const { stack } = this.#interface
    const prefix = this.#parse(address)
    this.#addresses.set(address, stack.addAddress(this.#interface, prefix.address, prefix.length))
  }

  claimAddress(address: string): Promise<boolean> {
    const { stack } = this.#interface
    const prefix = this.#parse(address)
    if (!prefix.address.isV4) return this.#claimV6(address, prefix)
    return new Promise((resolve) => {
      this.#claims.set(address, resolve)
      const entry = stack.probeAddress(this.#interface, prefix.address, prefix.length, (usable) => {
        if (!usable) this.#addresses.delete(address)
        this.#decided(address, usable)
      })
      this.#addresses.set(address, entry)
    })
  }

  // Every address of IPv6 is asked for: only here somebody waits for the answer.
  #claimV6(address: string, { address: ip, length }: Prefix): Promise<boolean> {
    const entry = this.#interface.stack.addAddress(this.#interface, ip, length)
    this.#addresses.set(address, entry)
    if (!entry.tentative) return Promise.resolve(true)
    return new Promise((resolve) => {
      this.#claims.set(address, resolve)
      entry.origin = {
        accepted: () => this.#decided(address, true),
        refused: () => {
          this.#addresses.delete(address)
          this.#decided(address, false)
          return true
        },
        dropped: () => {},
      }
    })
  }

  deprecateAddress(address: string, deprecated: boolean): void {
    const entry = this.#addresses.get(address)
    if (entry === undefined || entry.deprecated === deprecated) return
    entry.deprecated = deprecated
    this.#interface.stack.tablesChanged()
  }

  removeAddress(address: string): void {
    const entry = this.#addresses.get(address)
    if (entry === undefined) return
    this.#addresses.delete(address)
    this.#interface.stack.removeAddress(this.#interface, entry)
    this.#decided(address, false)
  }

  #decided(address: string, usable: boolean): void {
    this.#claims.get(address)?.(usable)
    this.#claims.delete(address)
  }

  addRoute({ to, via }: ConfiguredRoute): void {
    const options = { interface: this.#interface, ...(via === null ? {} : { via }) }
    this.#routes.set(keyOf(to, via), this.#interface.stack.addRoute(to, options))
  }

  removeRoute({ to, via }: ConfiguredRoute): void {
    const entry = this.#routes.get(keyOf(to, via))
    if (entry === undefined) return
    this.#routes.delete(keyOf(to, via))
    this.#interface.stack.removeRoute(entry)
  }

  setMtu(mtu: number): void {
    this.#interface.setMtu(mtu)
  }

  #parse(address: string): Prefix {
    if (this.#addresses.has(address)) throw new RangeError(`${this.name} has ${address} already`)
    return parseInterfaceAddress(address, 'address')
  }
}

function keyOf(to: string, via: string | null): string {
  return `${to} ${via}`
}
