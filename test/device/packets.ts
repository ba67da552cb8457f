import { write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoHeaderSum } from '../../src/base/checksum.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_TCP4, SEGMENT_TCP6, SEGMENT_UDP } from '../../src/device/device.ts'
import { octets } from './recorder.ts'

const ETHERNET = octets('02 00 00 00 00 02  02 00 00 00 00 01  08 00')
const ETHERNET6 = octets('02 00 00 00 00 02  02 00 00 00 00 01  86 dd')
// ttl 64, 10.0.0.1 → 10.0.0.2
const IPV4 = octets('45 00 00 00  12 34 40 00  40 06 00 00  0a 00 00 01  0a 00 00 02')
const IPV6 = octets(`60 00 00 00  00 00 06 40
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02`)
const TCP = octets('10 92 00 50  00 00 03 e8  00 00 07 d0  50 10 ff ff  00 00 00 00')
const TCP_WITH_TIMESTAMPS = octets(`10 92 00 50  00 00 03 e8  00 00 07 d0  80 10 ff ff  00 00 00 00
  01 01 08 0a  00 00 00 01  00 00 00 02`)
const UDP = octets('10 92 00 35  00 00  00 00')

function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export interface PacketOptions {
  readonly medium?: 'ethernet' | 'ip'
  readonly version?: 4 | 6
  readonly protocol?: 'tcp' | 'udp'
  readonly timestamps?: boolean
  readonly tcpFlags?: number
  /** As a large segment of packets with this much payload. */
  readonly segmentSize?: number
  /** Leave only the pseudo-header's sum in the checksum field. */
  readonly partial?: boolean
}

export interface Packet {
  readonly bytes: Uint8Array
  readonly offload: Offload
  readonly headerLength: number
}

/** A packet from 10.0.0.1 port 4242 (or 2001:db8::1) with this payload, as a stack hands it to a device. */
export function packet(payload: Uint8Array, options: PacketOptions = {}): Packet {
  const v6 = options.version === 6
  const udp = options.protocol === 'udp'
  const link = options.medium === 'ip' ? new Uint8Array(0) : v6 ? ETHERNET6 : ETHERNET
  const ip = (v6 ? IPV6 : IPV4).slice()
  const transport = (udp ? UDP : options.timestamps ? TCP_WITH_TIMESTAMPS : TCP).slice()
  const length = transport.length + payload.length
  const protocol = udp ? 17 : 6
  let pseudo: number
  if (v6) {
    write16(ip, 4, length)
    ip[6] = protocol
    pseudo = internetSum(ip, 8, 40, pseudoHeaderSum(0, 0, protocol, length))
  } else {
    write16(ip, 2, 20 + length)
    ip[9] = protocol
    write16(ip, 10, internetChecksum(ip, 0, 20))
    pseudo = internetSum(ip, 12, 20, pseudoHeaderSum(0, 0, protocol, length))
  }
  if (udp) write16(transport, 4, length)
  else if (options.tcpFlags !== undefined) transport[13] = options.tcpFlags
  const checksumOffset = udp ? 6 : 16
  const bytes = join(link, ip, transport, payload)
  const transportAt = link.length + ip.length
  const offload = new Offload()
  const headerLength = transportAt + transport.length
  if (options.partial || options.segmentSize !== undefined) {
    write16(bytes, transportAt + checksumOffset, pseudo)
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = transportAt
    offload.checksumOffset = checksumOffset
  } else {
    write16(bytes, transportAt + checksumOffset, internetChecksum(bytes, transportAt, bytes.length, pseudo) || 0xffff)
  }
  if (options.segmentSize !== undefined) {
    offload.segment = udp ? SEGMENT_UDP : v6 ? SEGMENT_TCP6 : SEGMENT_TCP4
    offload.segmentSize = options.segmentSize
    offload.headerLength = headerLength
  }
  return { bytes, offload, headerLength }
}

/** Whether the IPv4 header's and the transport's checksums of an Ethernet or IP packet hold. */
export function checksumsHold(bytes: Uint8Array, medium: 'ethernet' | 'ip' = 'ethernet'): boolean {
  const ip = medium === 'ip' ? 0 : 14
  const version = (bytes[ip] as number) >>> 4
  if (version === 6) {
    const length = bytes.length - ip - 40
    const pseudo = internetSum(bytes, ip + 8, ip + 40, pseudoHeaderSum(0, 0, bytes[ip + 6] as number, length))
    return internetChecksum(bytes, ip + 40, bytes.length, pseudo) === 0
  }
  const header = ((bytes[ip] as number) & 15) * 4
  const total = ((bytes[ip + 2] as number) << 8) | (bytes[ip + 3] as number)
  if (version !== 4 || header < 20 || total < header || ip + total > bytes.length) return false
  if (internetChecksum(bytes, ip, ip + header) !== 0) return false
  const protocol = bytes[ip + 9] as number
  const pseudo = internetSum(bytes, ip + 12, ip + 20, pseudoHeaderSum(0, 0, protocol, total - header))
  return internetChecksum(bytes, ip + header, ip + total, pseudo) === 0
}
