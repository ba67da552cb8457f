// What a filter asks of a frame: where its addresses are, which protocol it carries, which ports.

import { read16 } from '../../base/bytes.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts'

const ETHERTYPE_VLAN = 0x8100
const IPPROTO_SCTP = 132
const ARP_OF_IPV4_LENGTH = 28

/** The headers of one frame, read into one reused object. −1: there is none. */
export class CaptureHeaders {
  bytes: Uint8Array = new Uint8Array(0)
  length = 0
  /** Where the frame ends. */
  end = 0
  /** Where the Ethernet header is. */
  ethernet = -1
  /** What it carries, behind all VLAN tags; on a device of IP, what it would say. */
  etherType = -1
  /** The number of the outermost VLAN. */
  vlan = -1
  /** Where the header of IP or ARP is, and, of an unfragmented packet or a first fragment, what IP carries. */
  network = -1
  transport = -1
  /** The protocol that IP carries, behind all extension headers. */
  protocol = -1
  /** Where the addresses are: of IP, or those that ARP speaks of. */
  source = -1
  destination = -1
  addressLength = 0
  sourcePort = -1
  destinationPort = -1

  /** Reads as far as there is something to read. */
  read(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip'): void {
    this.bytes = bytes
    this.length = end - start
    this.end = end
    this.network = -1
    this.transport = -1
    this.ethernet = -1
    this.etherType = -1
    this.vlan = -1
    this.protocol = -1
    this.source = -1
    this.destination = -1
    this.addressLength = 0
    this.sourcePort = -1
    this.destinationPort = -1
    let at = start
    if (medium === 'ethernet') {
      if (end - start < 14) return
      this.ethernet = start
      at = start + 14
      while (read16(bytes, at - 2) === ETHERTYPE_VLAN && at + 4 <= end) {
        if (this.vlan < 0) this.vlan = read16(bytes, at) & 0xfff
        at += 4
      }
      this.etherType = read16(bytes, at - 2)
    } else if (start < end) {
      this.etherType = (bytes[start] as number) >>> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4
    }
    this.network = at
    if (this.etherType === ETHERTYPE_IPV4) this.#readIpv4(bytes, at, end)
    else if (this.etherType === ETHERTYPE_IPV6) this.#readIpv6(bytes, at, end)
    else if (this.etherType === ETHERTYPE_ARP) this.#readArp(bytes, at, end)
  }

  #readArp(bytes: Uint8Array, at: number, end: number): void {
    if (at + ARP_OF_IPV4_LENGTH > end || read16(bytes, at + 2) !== ETHERTYPE_IPV4 || bytes[at + 5] !== 4) return
    this.source = at + 14
    this.destination = at + 24
    this.addressLength = 4
  }

  #readIpv4(bytes: Uint8Array, at: number, end: number): void {
    if (at + 20 > end) return
    this.protocol = bytes[at + 9] as number
    this.source = at + 12
    this.destination = at + 16
    this.addressLength = 4
    const first = (read16(bytes, at + 6) & 0x1fff) === 0
    if (!first) return
    this.transport = at + ((bytes[at] as number) & 15) * 4
    this.#readPorts(bytes, this.transport, end)
  }

  #readIpv6(bytes: Uint8Array, at: number, end: number): void {
    if (at + 40 > end) return
    this.source = at + 8
    this.destination = at + 24
    this.addressLength = 16
    let next = bytes[at + 6] as number
    let header = at + 40
    // Hop-by-hop options, routing, fragment, destination options.
    while ((next === 0 || next === 43 || next === 44 || next === 60) && header + 8 <= end) {
      const fragment = next === 44
      next = bytes[header] as number
      if (fragment && (read16(bytes, header + 2) & 0xfff8) !== 0) {
        this.protocol = next
        return
      }
      header += fragment ? 8 : 8 + (bytes[header + 1] as number) * 8
    }
    this.protocol = next
    this.transport = header
    this.#readPorts(bytes, header, end)
  }

  #readPorts(bytes: Uint8Array, at: number, end: number): void {
    const { protocol } = this
    if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP && protocol !== IPPROTO_SCTP) return
    if (at + 4 > end) return
    this.sourcePort = read16(bytes, at)
    this.destinationPort = read16(bytes, at + 2)
  }
}
