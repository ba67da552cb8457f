// Read first: hosts(5), RFC 6761 section 6.3 (localhost).

import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { canonicalName, isDomainName, isWithin } from './domain-name.ts'

/** What a name of the table stands for. */
export interface HostsEntry {
  readonly address: IpAddress
  /** The first name of its line. */
  readonly canonicalName: string
}

const LOOPBACK: readonly HostsEntry[] = [
  { address: new IpAddress(0, 0, 0, 1), canonicalName: 'localhost' },
  { address: IpAddress.v4(0x7f000001), canonicalName: 'localhost' },
]

/**
 * A table of hosts, as /etc/hosts has them: an address a line, its canonical name, then aliases, comments behind '#'. Lines that
 * are none are passed over, and counted. 'localhost' and all names below it are this host's loopback addresses, whatever the
 * text says of others.
 *
 * ```ts
 * const hosts = new HostsFile('192.0.2.1 server.example server')
 * hosts.lookup('server') // [{ address: 192.0.2.1, canonicalName: 'server.example' }]
 * ```
 */
export class HostsFile {
  readonly #byName = new Map<string, HostsEntry[]>()
  readonly #byAddress = new Map<string, string>()
  /** Lines that no address or no name could be read from. */
  readonly wrongLines: number

  constructor(text = '') {
    if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
    let wrong = 0
    for (const line of text.split(/\r?\n/)) {
      const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
      if (address === undefined || address === '') continue
      // An address may have a zone (fe80::1%lo0), which a name cannot carry; it is left to whoever connects.
      const ip = IpAddress.parse(address)
      if (ip === null || names.length === 0 || !names.every((name) => isDomainName(canonicalName(name)))) wrong++
      else this.add(ip, ...names)
    }
    this.wrongLines = wrong
  }

  /** Adds a line: the first name is the canonical one. */
  add(address: IpAddress, ...names: readonly string[]): void {
    const [first] = names
    if (first === undefined) throw new RangeError('names must have one at least')
    for (const name of names) {
      const key = canonicalName(name)
      const entries = this.#byName.get(key)
      const entry = { address, canonicalName: first }
      if (entries === undefined) this.#byName.set(key, [entry])
      else if (!entries.some((other) => other.address.equals(address))) entries.push(entry)
    }
    const key = address.toString()
    if (!this.#byAddress.has(key)) this.#byAddress.set(key, first)
  }

  /** The addresses of `name`, in the order of their lines; none where it is not in the table. */
  lookup(name: string): readonly HostsEntry[] {
    const entries = this.#byName.get(canonicalName(name)) ?? []
    // RFC 6761 6.3: always the loopback. What the text says of localhost counts where it is one.
    if (!isWithin(name, 'localhost')) return entries
    const loopback = entries.filter(({ address }) => address.isLoopback)
    return loopback.length > 0 ? loopback : LOOPBACK
  }

  /** The canonical name of `address`; null where it is not in the table. */
  nameOf(address: IpAddress): string | null {
    return this.#byAddress.get(address.toString()) ?? (address.isLoopback ? 'localhost' : null)
  }
}
