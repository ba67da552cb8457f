import type { IpAddress } from '../../base/ip-address.ts'
import { AddressMap, AddressMapEntry } from '../ip/address-map.ts'
import type { NetworkInterface } from './network-interface.ts'

class OwnAddress extends AddressMapEntry {
  override readonly address: IpAddress
  readonly interface: NetworkInterface

  constructor(address: IpAddress, networkInterface: NetworkInterface) {
    super()
    this.address = address.copy()
    this.interface = networkInterface
  }
}

/** The addresses of one stack that are in use, and the interface that each belongs to. All of 127/8 are the loopback's. */
export class OwnAddresses {
  /** IPv4 by its 32 bits: it is asked for every packet. */
  readonly #v4 = new Map<number, NetworkInterface>()
  readonly #v6: AddressMap<OwnAddress>
  /** How many of them end in each octet: most that are not ours need no further look, 15 ns of the 115 of a forwarded packet. */
  readonly #endings = new Uint32Array(256)

  constructor(key: number) {
    this.#v6 = new AddressMap(key)
  }

  has(address: IpAddress): boolean {
    if (address.isV4) return this.hasBits(address.d)
    return this.#endings[address.d & 255] !== 0 && this.#v6.get(address) !== null
  }

  /** The same for an IPv4 address as 32 bits. */
  hasBits(bits: number): boolean {
    return bits >>> 24 === 127 || this.#v4.has(bits)
  }

  /** The interface with this address; null where it is not ours, or one of 127/8 that no interface was given. */
  owner(address: IpAddress): NetworkInterface | null {
    return address.isV4 ? (this.#v4.get(address.d) ?? null) : (this.#v6.get(address)?.interface ?? null)
  }

  add(address: IpAddress, networkInterface: NetworkInterface): void {
    if (address.isV4) {
      this.#v4.set(address.d, networkInterface)
      return
    }
    const known = this.#v6.get(address)
    if (known !== null) this.#deleteV6(known)
    this.#v6.add(new OwnAddress(address, networkInterface))
    this.#countEnding(address, 1)
  }

  /** Forgets an address, if it is this interface's. */
  delete(address: IpAddress, networkInterface: NetworkInterface): void {
    if (this.owner(address) !== networkInterface) return
    if (address.isV4) this.#v4.delete(address.d)
    else this.#deleteV6(this.#v6.get(address) as OwnAddress)
  }

  /** Forgets all of an interface. */
  deleteAll(networkInterface: NetworkInterface): void {
    for (const [bits, owner] of this.#v4) if (owner === networkInterface) this.#v4.delete(bits)
    this.#v6.forEach((entry) => {
      if (entry.interface === networkInterface) this.#deleteV6(entry)
    })
  }

  #deleteV6(entry: OwnAddress): void {
    this.#v6.delete(entry)
    this.#countEnding(entry.address, -1)
  }

  #countEnding({ d }: IpAddress, change: 1 | -1): void {
    this.#endings[d & 255] = (this.#endings[d & 255] as number) + change
  }
}
