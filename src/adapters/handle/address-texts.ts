// Read first: uv_ip4_addr, uv_ip6_addr and uv_inet_ntop in libuv's manual, RFC 4007 section 11. Addresses as Node writes and reads them:
// the zone of a link-local one is the name of its interface.

import { AF_INET6 } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'

/** An address as programs of Node see it. */
export interface AddressInfo {
  address: string
  family: 'IPv4' | 'IPv6'
  port: number
}

/** The texts of a handle's addresses. It remembers the last of each kind: datagrams come from and go to the same peer again and again. */
export class AddressTexts {
  readonly #provider: Provider
  #read: SocketAddress | null = null
  #readText = ''
  readonly #written = new SocketAddress()
  #writtenText = ''

  constructor(provider: Provider) {
    this.#provider = provider
  }

  /** The text of an Internet address, without its port. */
  of(address: SocketAddress): string {
    const { ip, scopeId, family } = address
    const last = this.#written
    if (
      this.#writtenText !== '' &&
      ip.d === last.ip.d &&
      ip.c === last.ip.c &&
      ip.b === last.ip.b &&
      ip.a === last.ip.a &&
      scopeId === last.scopeId &&
      family === last.family
    ) {
      return this.#writtenText
    }
    last.set(address)
    last.scopeId = 0
    let text = last.address
    last.scopeId = scopeId
    if (family === AF_INET6 && scopeId > 0 && ip.isLinkLocal) {
      text += `%${this.#provider.interfaceName?.(scopeId) ?? scopeId}`
    }
    this.#writtenText = text
    return text
  }

  /** The address that `text` writes, with port 0; null for what is none. It is the same object for the same text. */
  parse(text: unknown): SocketAddress | null {
    if (typeof text !== 'string') return null
    if (text === this.#readText && this.#read !== null) return this.#read
    const percent = text.indexOf('%')
    const ip = IpAddress.parse(percent < 0 ? text : text.slice(0, percent))
    if (ip === null || (percent >= 0 && !text.includes(':'))) return null
    const address = SocketAddress.internet(text.includes(':') ? '::' : '0.0.0.0', 0)
    address.ip.set(ip)
    if (percent >= 0) address.scopeId = this.#provider.interfaceIndex?.(text.slice(percent + 1)) ?? 0
    this.#read = address
    this.#readText = text
    return address
  }
}
