// What an attacker on the server's network sends. Each flood is made before anything is counted, as `COUNT` frames that differ, so that
// what is measured is the server's work alone.

import { internetChecksum, pseudoSum } from '../../dist/base/checksum.js'
import { IpAddress, SeededRandom } from '../../dist/index.js'

const COUNT = 1 << 16
const TCP = 6
const UDP = 17
const ICMPV6 = 58

export const SERVER = IpAddress.parse('10.0.0.1')
export const SERVER_6 = IpAddress.parse('2001:db8::1')
const GROUP_6 = IpAddress.parse('ff02::1:ff00:1')

const random = new SeededRandom(1)
const any16 = () => random.int32() & 0xffff
/** Somebody behind the gateway, and somebody on the link. */
export const stranger = () => IpAddress.v4(0x0b000000 | (random.int32() & 0xffffff))
const neighbour = () => IpAddress.v4(0x0a010000 | any16())
const neighbour6 = () => new IpAddress(0x20010db8, 0, random.int32(), random.int32())

/** Octets of fields: [bits, value], or octets as they are. */
function octets(...fields) {
  const parts = fields.map((field) => {
    if (field instanceof Uint8Array) return field
    const [bits, value] = field
    const bytes = new Uint8Array(bits / 8)
    for (let i = 0; i < bytes.length; i++) bytes[i] = value >>> (bits - 8 * (i + 1))
    return bytes
  })
  const whole = new Uint8Array(parts.reduce((length, { length: more }) => length + more, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const addressOctets = (address) =>
  address.isV4 ? octets([32, address.d]) : octets([32, address.a], [32, address.b], [32, address.c], [32, address.d])

function put16(bytes, at, value) {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function ethernet(type, packet, to) {
  return octets(to, [16, 0x0200], [32, 66], [16, type], packet)
}

function ipv4(protocol, source, data, hardware, fragment = 0) {
  const header = octets(
    [16, 0x4500],
    [16, 20 + data.length],
    [16, any16()],
    [16, fragment],
    [8, 64],
    [8, protocol],
    [16, 0],
    addressOctets(source),
    addressOctets(SERVER),
  )
  put16(header, 10, internetChecksum(header, 0, 20))
  return ethernet(0x0800, octets(header, data), hardware)
}

/** A segment for port 80 of the server; with its checksum. */
export function segment(hardware, source, sourcePort, seq, ack, flags, window, data = new Uint8Array(0)) {
  const message = octets(
    [16, sourcePort],
    [16, 80],
    [32, seq],
    [32, ack],
    [16, 0x5000 | flags],
    [16, window],
    [32, 0],
    data,
  )
  put16(message, 16, internetChecksum(message, 0, message.length, pseudoSum(source, SERVER, TCP, message.length)))
  return ipv4(TCP, source, message, hardware)
}

function many(make) {
  return Array.from({ length: COUNT }, make)
}

/** The floods that are only sent, by name: what makes their frames. */
export function floods(hardware) {
  const broadcast = new Uint8Array(6).fill(255)
  const half = octets([16, 1000], [16, 9], [16, 2000], [16, 0], new Uint8Array(1208))
  return {
    'SYNs from nowhere': () => many(() => segment(hardware, stranger(), any16(), random.int32(), 0, 2, 65_535)),
    'fragments that nothing follows': () => many(() => ipv4(UDP, stranger(), half, hardware, 0x2000)),
    'ARP requests of ever other neighbours': () =>
      many(() =>
        ethernet(
          0x0806,
          octets(
            [16, 1],
            [16, 0x0800],
            [16, 0x0604],
            [16, 1],
            [16, 0x0200],
            [32, random.int32()],
            addressOctets(neighbour()),
            new Uint8Array(6),
            addressOctets(SERVER),
            new Uint8Array(18),
          ),
          broadcast,
        ),
      ),
    'neighbour solicitations of ever others': () =>
      many(() => {
        const source = neighbour6()
        const message = octets(
          [32, 135 << 24],
          [32, 0],
          addressOctets(SERVER_6),
          [16, 0x0101],
          [16, 0x0200],
          [32, random.int32()],
        )
        const sum = pseudoSum(source, GROUP_6, ICMPV6, message.length)
        put16(message, 2, internetChecksum(message, 0, message.length, sum))
        const header = octets(
          [32, 6 << 28],
          [16, message.length],
          [8, ICMPV6],
          [8, 255],
          addressOctets(source),
          addressOctets(GROUP_6),
        )
        return ethernet(0x86dd, octets(header, message), octets([16, 0x3333], [32, 0xff000001]))
      }),
  }
}
