import type { IpAddress } from './ip-address.ts'

/** How many addresses are remembered: a newer one takes the place of an older. */
const PLACES = 256

/**
 * One object for each of the addresses that come again and again, as a host's own do, and those of few peers with many connections: a
 * copy takes 56 octets. One that is forgotten lives on with those who have it.
 */
export class SharedAddresses {
  readonly #places: (IpAddress | null)[] = new Array<IpAddress | null>(PLACES).fill(null)

  /** An address like `address`, which may be a borrowed one. It has others who hold it: nobody may change it. */
  of(address: IpAddress): IpAddress {
    const { c, d } = address
    // Neighbours differ in the last octet, networks in the others. Who finds two for one place has them copied, as without this.
    const place = (d ^ (d >>> 8) ^ (d >>> 16) ^ (d >>> 24) ^ c) & (PLACES - 1)
    const known = this.#places[place] as IpAddress | null
    if (known?.equals(address)) return known
    const copy = address.copy()
    this.#places[place] = copy
    return copy
  }
}
