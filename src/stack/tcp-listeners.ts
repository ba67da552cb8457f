import type { IpAddress } from '../base/ip-address.ts'
import type { Listener } from '../tcp/listener.ts'

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

  /** The listener for a SYN to this address and port: one bound to the address goes before one bound to all. */
  find(address: IpAddress, port: number): Listener | null {
    const list = this.#ports.get(port)
    if (list === undefined) return null
    let wildcard: Listener | null = null
    for (let i = 0; i < list.length; i++) {
      const entry = list[i] as Entry
      if (entry.address.equals(address)) return entry.listener
      if (entry.address.isUnspecified) wildcard ??= entry.listener
    }
    return wildcard
  }
}
