// UDP, ICMP of both versions, neighbour discovery, groups: messages as they should be, with the contents of the moment.

import type { IpAddress } from '../../src/base/ip-address.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { Connection } from '../../src/tcp/connection.ts'
import type { HalfOpen } from '../../src/tcp/half-open.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { any, destination, group, OURS_LINK_LOCAL, OURS_V4, OURS_V6, source } from './hosts.ts'
import { ICMP, ICMPV6, IGMP, ip, octets, sum, TCP, UDP } from './packet.ts'
import type { Payload } from './tcp-frames.ts'

export const UDP_PORTS: readonly number[] = [9, 53, 5000]

type Entries = readonly (Connection | HalfOpen)[]

function payload(from: IpAddress, to: IpAddress, protocol: number, message: Uint8Array): Payload {
  return { from, to, protocol, message: sum(message, protocol, from, to) }
}

export function udpFrame(version: 4 | 6, chance: Chance): Payload {
  const length = chance.pick(0, 1, 8, 100, 1400, 3000, chance.below(2000))
  const port = chance.oneIn(5) ? chance.below(65_536) : chance.pick(...UDP_PORTS)
  const said = chance.oneIn(10) ? chance.pick(0, 7, 8, length + 9, chance.below(65_536)) : 8 + length
  const message = octets()
    .u16(chance.pick(0, 53, 5353, chance.below(65_536)), port, said, 0)
    .fill(length)
    .take()
  const datagram = payload(source(version, chance), destination(version, chance), UDP, message)
  if (chance.oneIn(10)) datagram.message.fill(0, 6, 8)
  return datagram
}

/** The beginning of a packet that we have sent, or might have: what an ICMP error quotes. */
function quoted(version: 4 | 6, entries: Entries, chance: Chance): Uint8Array {
  const entry = entries.length === 0 ? null : (entries[chance.below(entries.length)] as Connection | HalfOpen)
  const ours = version === 4 ? OURS_V4 : OURS_V6
  if (entry !== null && entry.remote.isV4 === (version === 4) && !chance.oneIn(4)) {
    const seq = entry instanceof Connection ? entry.sndUna : entry.iss
    const near = chance.pick(0, 0, 1, -1, chance.below(70_000), chance.int32())
    const message = octets()
      .u16(entry.localPort, entry.remotePort)
      .u32(seq + near, 0)
      .u16(0x5010, 100, 0, 0)
    const packet = ip(entry.local, entry.remote, TCP, message.take())
    return chance.oneIn(4) ? packet.slice(0, chance.below(packet.length + 1)) : packet
  }
  const protocol = chance.pick(UDP, TCP, ICMP, ICMPV6, chance.below(256))
  const inner = octets()
    .u16(chance.pick(...UDP_PORTS), chance.below(65_536), 8, 0)
    .fill(chance.below(40))
    .take()
  const packet = ip(chance.oneIn(8) ? any(version, chance) : ours, any(version, chance), protocol, inner)
  return chance.oneIn(4) ? packet.slice(0, chance.below(packet.length + 1)) : packet
}

export function icmpFrame(version: 4 | 6, entries: Entries, chance: Chance): Payload {
  const protocol = version === 4 ? ICMP : ICMPV6
  const types = version === 4 ? [3, 3, 11, 12, 5, 4, 8, 0, 13, 14, 17, 9, 10] : [1, 1, 2, 2, 3, 4, 128, 129]
  const type = chance.oneIn(12) ? chance.below(256) : chance.pick(...types)
  const error = version === 4 ? [3, 4, 5, 11, 12].includes(type) : type < 128
  const word = chance.pick(0, 68, 576, 1280, 1400, 1499, 65_535, chance.int32())
  const code = chance.pick(0, 1, 2, 3, 4, 5, 6, 13, chance.below(256))
  const message = octets()
    .u8(type, type === 3 && version === 4 && chance.oneIn(2) ? 4 : code)
    .u16(0)
  // Of errors of IPv4 the MTU is in the second half of the word; a redirect has a gateway there.
  message.u32(type === 5 && version === 4 ? any(4, chance).d : word)
  if (error) message.raw(quoted(chance.oneIn(15) ? (version === 4 ? 6 : 4) : version, entries, chance))
  else message.fill(chance.pick(0, 4, 12, 56, 1400))
  return payload(source(version, chance), destination(version, chance), protocol, message.take())
}

/** A neighbour discovery option, its length as it should be or not. */
function option(chance: Chance): Uint8Array {
  const type = chance.pick(1, 1, 2, 2, 3, 3, 4, 5, 14, 24, 25, 31, chance.below(256))
  const wrong = chance.oneIn(12) ? chance.pick(0, 1, 2, 255) : -1
  const lifetime = () => chance.pick(0, 1, 30, 1800, -1, chance.int32())
  const body = octets()
  switch (type) {
    case 1:
    case 2:
      body.u16(0x0200).u32(chance.pick(0x102, 0x103, chance.int32()))
      break
    case 3:
      body.u8(chance.pick(64, 64, 64, 48, 0, 128, 255), chance.pick(0xc0, 0xc0, 0x80, 0x40, chance.below(256)))
      body.u32(lifetime(), lifetime(), 0)
      body.u32(
        0x20010db8,
        chance.pick(0, 0x10000 * chance.below(40), chance.int32()),
        0,
        chance.pick(0, 0, chance.int32()),
      )
      break
    case 5:
      body.u16(0).u32(chance.pick(1280, 1500, 0, 1279, 9000, chance.int32()))
      break
    case 24:
      body.u8(chance.pick(0, 48, 64, 128, 200), chance.pick(0, 8, 0x18, 0x10)).u32(lifetime())
      if (!chance.oneIn(4)) body.u32(0x20010db8, chance.int32())
      break
    case 25:
      body.u16(0).u32(lifetime())
      for (let i = chance.below(4); i > 0; i--) body.address(any(6, chance))
      break
    case 31:
      body.u16(0).u32(lifetime())
      for (let i = chance.below(4); i > 0; i--) body.u8(3, 97, 98, 99, chance.pick(0, 0, 63, 64, 192, 255))
      body.u8(0)
      break
    default:
      body.fill(chance.pick(6, 14, 22))
  }
  while ((body.length + 2) % 8 !== 0) body.u8(0)
  return octets()
    .u8(type, wrong >= 0 ? wrong : (body.length + 2) / 8)
    .raw(body.take())
    .take()
}

/** Neighbour discovery: solicitations, advertisements, routers, redirects. */
export function ndFrame(chance: Chance): Payload {
  const type = chance.pick(135, 135, 136, 136, 133, 134, 134, 137)
  const message = octets()
    .u8(type, chance.oneIn(20) ? chance.below(256) : 0)
    .u16(0)
  let from = source(6, chance)
  let to = destination(6, chance)
  if (type === 134 || type === 137) {
    if (!chance.oneIn(6)) from = linkLocal(chance)
    if (!chance.oneIn(4)) to = type === 134 ? group(6, chance) : OURS_LINK_LOCAL
  }
  if (type === 134) {
    message.u8(chance.pick(64, 0, 255), chance.pick(0, 0x08, 0x18, 0xc0, chance.below(256)))
    message
      .u16(chance.pick(1800, 0, 1, 65_535))
      .u32(chance.pick(0, 30_000, chance.int32()), chance.pick(0, 1000, chance.int32()))
  } else {
    message.u32(type === 136 ? chance.below(8) << 29 : 0)
    if (type !== 133) message.address(chance.pick(OURS_V6, OURS_LINK_LOCAL, any(6, chance), linkLocal(chance)))
    if (type === 137) message.address(any(6, chance))
  }
  for (let i = chance.below(type === 134 ? 6 : 3); i > 0; i--) message.raw(option(chance))
  return payload(from, to, ICMPV6, message.take())
}

function linkLocal(chance: Chance): IpAddress {
  const address = OURS_LINK_LOCAL.copy()
  address.d = 2 + chance.below(40)
  return address
}

/** Queries and reports of both families. */
export function groupFrame(version: 4 | 6, chance: Chance): Payload {
  const to = chance.oneIn(3) ? destination(version, chance) : group(version, chance)
  const about = chance.oneIn(3)
    ? (version === 4 ? octets().u32(0) : octets().u32(0, 0, 0, 0)).take()
    : octets().address(group(version, chance)).take()
  const time = chance.pick(0, 1, 10, 100, 128, 255)
  const sources = chance.pick(0, 0, 1, 3, chance.below(60))
  const message = octets()
  const from = version === 6 && !chance.oneIn(5) ? linkLocal(chance) : source(version, chance)
  const query = !chance.oneIn(3)
  if (version === 4) {
    const type = query ? 0x11 : chance.pick(0x12, 0x16, 0x17, 0x22, chance.below(256))
    message.u8(type, time).u16(0).raw(about)
  } else {
    message
      .u8(query ? 130 : chance.pick(131, 132, 143), 0)
      .u16(0, chance.pick(0, 1, 1000, 10_000, 0x8000, 0xffff), 0)
      .raw(about)
  }
  if (!chance.oneIn(3)) {
    message.u8(chance.below(16), chance.pick(0, 125, 128, 255)).u16(chance.oneIn(8) ? chance.below(65_536) : sources)
    for (let i = 0; i < sources; i++) message.address(any(version, chance))
  }
  return payload(from, to, version === 4 ? IGMP : ICMPV6, message.take())
}

/** Any protocol at all. */
export function oddFrame(stack: Stack, version: 4 | 6, chance: Chance): Payload {
  void stack
  const protocol = chance.pick(4, 41, 47, 50, 51, 89, 132, 255, chance.below(256))
  const inner = chance.oneIn(2)
    ? ip(source(4, chance), destination(4, chance), UDP, octets().fill(chance.below(60)).take())
    : octets().fill(chance.below(300)).take()
  return payload(source(version, chance), destination(version, chance), protocol, inner)
}
