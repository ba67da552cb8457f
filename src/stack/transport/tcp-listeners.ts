import type { IpAddress } from '../../base/ip-address.ts'
import type { Listener } from '../../tcp/listener.ts'

interface Entry {
  readonly address: IpAddress
  readonly listener: Listener
}

/** Who listens where: a lookup costs the same with one listening port as with all of them. */
export class TcpListeners {
  readonly #ports = new Map<number, Entry[]>()

  add(address: IpAddress, port: number, listener: Listener): void {
    const list = this.#ports.get(port)
    if (list === undefined) this.#ports.set(port, [{ address, listener }])
    else list.push({ address, listener })
  }

  remove(port: number, listener: Listener): void {
    const list = this.#ports.get(port)?.filter((entry) => entry.listener !== listener)
    if (list === undefined) return
    if (list.length === 0) this.#ports.delete(port)
    else this.#ports.set(port, list)
  }

  /** Calls `visit` for every listener: for listings. */
  forEach(visit: (address: IpAddress, port: number, listener: Listener) => void): void {
    for (const [port, list] of this.#ports) for (const { address, listener } of list) visit(address, port, listener)
  }

  /**
   * The listener for a SYN to this address and port: one bound to the address goes before one bound to all. Of several that
   * share them (SO_REUSEPORT), `spread`, any int32 that is the same for all segments of a client, chooses one.
   */
  find(address: IpAddress, port: number, spread: number): Listener | null {
    const list = this.#ports.get(port)
    if (list === undefined) return null
    if (list.length === 1) {
      const { address: bound, listener } = list[0] as Entry
      return bound.isUnspecified || bound.equals(address) ? listener : null
    }
    const exact = list.filter((entry) => entry.address.equals(address))
    const fitting = exact.length > 0 ? exact : list.filter((entry) => entry.address.isUnspecified)
    return fitting[(spread >>> 0) % fitting.length]?.listener ?? null
  }
}
