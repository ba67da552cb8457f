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

  constructor(key: number) {
    this.#v6 = new AddressMap(key)
  }

  has(address: IpAddress): boolean {
    return address.isV4 ? this.hasBits(address.d) : this.#v6.get(address) !== null
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
    if (known !== null) this.#v6.delete(known)
    this.#v6.add(new OwnAddress(address, networkInterface))
  }

  /** Forgets an address, if it is this interface's. */
  delete(address: IpAddress, networkInterface: NetworkInterface): void {
    if (this.owner(address) !== networkInterface) return
    if (address.isV4) this.#v4.delete(address.d)
    else this.#v6.delete(this.#v6.get(address) as OwnAddress)
  }

  /** Forgets all of an interface. */
  deleteAll(networkInterface: NetworkInterface): void {
    for (const [bits, owner] of this.#v4) if (owner === networkInterface) this.#v4.delete(bits)
    this.#v6.forEach((entry) => {
      if (entry.interface === networkInterface) this.#v6.delete(entry)
    })
  }
}
