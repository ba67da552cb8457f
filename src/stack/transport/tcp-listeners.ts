import type { IpAddress } from '../../base/ip-address.ts'
import type { Listener } from '../../tcp/listener.ts'
import { covers, type PortBinding } from '../endpoint/port-table.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

interface Entry {
  readonly binding: PortBinding
  readonly listener: Listener
}

/** Who listens where: a lookup costs the same with one listening port as with all of them. */
export class TcpListeners {
  readonly #ports = new Map<number, Entry[]>()

  add(binding: PortBinding, listener: Listener): void {
    const list = this.#ports.get(binding.port)
    if (list === undefined) this.#ports.set(binding.port, [{ binding, listener }])
    else list.push({ binding, listener })
  }

  remove(port: number, listener: Listener): void {
    const list = this.#ports.get(port)?.filter((entry) => entry.listener !== listener)
    if (list === undefined) return
    if (list.length === 0) this.#ports.delete(port)
    else this.#ports.set(port, list)
  }

  /** Calls `visit` for every listener: for listings. */
  forEach(visit: (address: IpAddress, port: number, listener: Listener) => void): void {
    for (const [port, list] of this.#ports) {
      for (const { binding, listener } of list) visit(binding.address, port, listener)
    }
  }

  /**
   * The listener for a SYN that came through `networkInterface` to this address and port: one bound to the address goes before one
   * bound to all, then one that is bound to the interface, then one of the address's own family, as inet_lhash2_lookup in Linux
   * has it. Of several that are equal (SO_REUSEPORT) `spread`, any int32 that is the same for all segments of a client, chooses one.
   */
  find(address: IpAddress, port: number, spread: number, networkInterface: NetworkInterface | null): Listener | null {
    const list = this.#ports.get(port)
    if (list === undefined) return null
    let best = 0
    let count = 0
    for (let i = 0; i < list.length; i++) {
      const score = scoreOf((list[i] as Entry).binding, address, networkInterface)
      if (score > best) {
        best = score
        count = 1
      } else if (score === best) count++
    }
    if (best === 0) return null
    let pick = (spread >>> 0) % count
    for (let i = 0; i < list.length; i++) {
      const { binding, listener } = list[i] as Entry
      if (scoreOf(binding, address, networkInterface) === best && pick-- === 0) return listener
    }
    return null
  }
}

/** 0: not for it. */
function scoreOf(binding: PortBinding, address: IpAddress, networkInterface: NetworkInterface | null): number {
  let score = 1
  const bound = binding.networkInterface
  if (bound !== null) {
    if (networkInterface !== null && bound !== networkInterface) return 0
    score += 2
  }
  const own = binding.address
  if (!own.isUnspecified) return own.equals(address) ? score + 4 : 0
  if (!covers(binding, address)) return 0
  return own.isV4 === address.isV4 ? score + 1 : score
}
