import type { ConfiguredInterface, ConfiguredRoute } from '../../base/configured-interface.ts'
import type { DhcpLease } from './dhcp-lease.ts'

/** What of an interface is as a lease says, and goes with it. */
export class LeaseSettings {
  readonly #interface: ConfiguredInterface
  #address: string | null = null
  #routes: readonly ConfiguredRoute[] = []
  #mtu: number

  constructor(configured: ConfiguredInterface) {
    this.#interface = configured
    this.#mtu = configured.mtu
  }

  /** Gives the interface its address, and takes another one away. False: another host has it, and the interface has none now. */
  async address(lease: DhcpLease, claim: boolean): Promise<boolean> {
    const text = `${lease.address}/${lease.prefixLength}`
    if (text === this.#address) return true
    this.clear()
    if (claim) {
      // What is being asked for is to go as well, if all ends meanwhile.
      this.#address = text
      const usable = await this.#interface.claimAddress(text)
      if (!usable && this.#address === text) this.#address = null
      return usable
    }
    this.#interface.addAddress(text)
    this.#address = text
    return true
  }

  /** Routes and MTU; those that are no longer said are taken away. */
  rest(lease: DhcpLease): void {
    const isIn = (list: readonly ConfiguredRoute[], { to, via }: ConfiguredRoute) =>
      list.some((other) => other.to === to && other.via === via)
    const routes = lease.routes.filter((route, i) => !isIn(lease.routes.slice(0, i), route))
    for (const route of this.#routes) if (!isIn(routes, route)) this.#interface.removeRoute(route)
    for (const route of routes) if (!isIn(this.#routes, route)) this.#interface.addRoute(route)
    this.#routes = routes
    // A server cannot have a link carry more than it does.
    this.#setMtu(Math.min(lease.mtu ?? this.#interface.mtu, this.#interface.mtu))
  }

  clear(): void {
    for (const route of this.#routes) this.#interface.removeRoute(route)
    this.#routes = []
    if (this.#address !== null) this.#interface.removeAddress(this.#address)
    this.#address = null
    this.#setMtu(this.#interface.mtu)
  }

  #setMtu(mtu: number): void {
    if (mtu === this.#mtu) return
    this.#mtu = mtu
    this.#interface.setMtu(mtu)
  }
}
