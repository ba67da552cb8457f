// Around a message: IP with options or extension headers, whole or in fragments, and Ethernet; and ARP.

import type { IpAddress } from '../../src/base/ip-address.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { any, BROADCAST_HARDWARE, destination, OURS_HARDWARE, OURS_V4, source } from './hosts.ts'
import { ethernet, type Fields, ICMPV6, ip, octets } from './packet.ts'
import type { Payload } from './tcp-frames.ts'

function v4Options(chance: Chance): Uint8Array {
  const options = octets()
  for (let i = chance.below(3); i >= 0; i--) {
    const type = chance.pick(0, 1, 7, 68, 131, 137, 148, 130, chance.below(256))
    const length = chance.pick(0, 1, 2, 3, 4, 7, 11, 15, 39, chance.below(44))
    options.u8(type)
    if (type > 1)
      options.u8(length, chance.pick(0, 4, 5, 8, chance.below(256))).fill(Math.max(0, Math.min(length, 40) - 3))
  }
  return options.take().slice(0, 40)
}

/** Options of a hop-by-hop or destination options header, and the padding behind them. */
function v6Options(chance: Chance): Uint8Array {
  const body = octets()
  for (let i = chance.below(4); i > 0; i--) {
    const type = chance.pick(0, 1, 5, 0xc2, 0x3e, 0x7e, 0xbe, 0xfe, chance.below(256))
    const length = chance.pick(0, 2, 4, 8, chance.below(20))
    body.u8(type)
    if (type !== 0) body.u8(chance.oneIn(12) ? chance.below(256) : length).fill(length)
  }
  while ((body.length + 2) % 8 !== 0) body.u8(0)
  return body.take()
}

/** A chain of extension headers in front of `message`; returns the type of the first, and all of it. */
function chained(protocol: number, message: Uint8Array, chance: Chance): [number, Uint8Array] {
  let next = protocol
  let bytes = message
  for (let i = chance.oneIn(20) ? 8 + chance.below(40) : 1 + chance.below(3); i > 0; i--) {
    const type = chance.pick(60, 60, 0, 43, 44, 51, 135, 139, 59)
    const header = octets().u8(next)
    if (type === 44) {
      header
        .u8(0)
        .u16(chance.pick(0, 0, 1, 8, chance.below(65_536)))
        .u32(chance.below(8))
    } else if (type === 43) {
      const length = chance.pick(0, 2, 4)
      header.u8(length, chance.pick(0, 2, 3, 4, 255), chance.pick(0, 0, 1, 255)).fill(4 + 8 * length)
    } else if (type === 51) {
      header.u8(chance.pick(1, 4, 0)).fill(10)
    } else {
      const body = v6Options(chance)
      header.u8(chance.oneIn(15) ? chance.below(256) : (body.length + 2) / 8 - 1).raw(body)
    }
    bytes = header.raw(bytes).take()
    next = type
  }
  return [next, bytes]
}

/** The packets that carry a message: one, or fragments of it, in order or not, some twice, some missing, some overlapping. */
export function packets({ from, to, protocol, message }: Payload, chance: Chance): Uint8Array[] {
  const version = from.isV4 ? 4 : 6
  // Neighbour discovery and group messages are heard with these alone.
  const near = protocol === ICMPV6 || protocol === 2
  const fields: Fields = {
    tos: chance.oneIn(6) ? chance.below(256) : chance.below(4),
    ttl: near && !chance.oneIn(8) ? chance.pick(255, 255, 1) : chance.pick(64, 64, 255, 1, 0, chance.below(256)),
    id: chance.pick(0, chance.below(8), chance.below(65_536)),
  }
  if (chance.oneIn(9)) return fragments(from, to, protocol, message, fields, chance)
  if (version === 4)
    return [ip(from, to, protocol, message, chance.oneIn(8) ? { ...fields, options: v4Options(chance) } : fields)]
  const isMld = protocol === ICMPV6 && [130, 131, 132, 143].includes(message[0] ?? 0)
  if (isMld && !chance.oneIn(5)) {
    const alert = octets().u8(protocol, 0, 5, 2, 0, 0, 1, 0).raw(message).take()
    return [ip(from, to, 0, alert, { ...fields, ttl: 1 })]
  }
  if (!chance.oneIn(6)) return [ip(from, to, protocol, message, fields)]
  const [first, bytes] = chained(protocol, message, chance)
  return [ip(from, to, first, bytes.slice(0, 65_535), fields)]
}

function fragments(
  from: IpAddress,
  to: IpAddress,
  protocol: number,
  message: Uint8Array,
  fields: Fields,
  chance: Chance,
): Uint8Array[] {
  const size = chance.pick(8, 16, 64, 512, 1232)
  const id = chance.pick(1, 2, 3, chance.below(65_536))
  const pieces: Uint8Array[] = []
  let count = Math.min(Math.ceil(message.length / size), 300)
  if (chance.oneIn(6)) count = 1 + chance.below(2)
  for (let i = 0; i < count; i++) {
    if (chance.oneIn(30)) continue
    const overlap = chance.oneIn(30) ? chance.pick(-8, -1, 1, 8, 8 * chance.below(8192)) : 0
    const at = Math.max(0, i * size + overlap) & 0xffff
    const part = message.slice(i * size, (i + 1) * size)
    const more = chance.oneIn(40) ? chance.oneIn(2) : i < count - 1
    if (from.isV4) {
      pieces.push(ip(from, to, protocol, part, { ...fields, id, fragment: ((at >> 3) & 0x1fff) | (more ? 0x2000 : 0) }))
    } else {
      const head = octets()
        .u8(protocol, 0)
        .u16((at & 0xfff8) | (more ? 1 : 0))
        .u32(id)
        .raw(part)
        .take()
      pieces.push(ip(from, to, 44, head, fields))
    }
    if (chance.oneIn(20)) pieces.push((pieces[chance.below(pieces.length)] as Uint8Array).slice())
  }
  if (chance.oneIn(3)) pieces.reverse()
  return pieces
}

/** The hardware address that a host is thought to have. */
function hardwareOf(number: number): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, 1, number)
}

/** An Ethernet frame around a packet. */
export function framed(packet: Uint8Array, chance: Chance): Uint8Array {
  const version = (packet[0] ?? 0) >> 4
  const type = chance.oneIn(60)
    ? chance.pick(0x8100, 0x88cc, 0x0800, 0x86dd, 46, chance.below(65_536))
    : version === 6
      ? 0x86dd
      : 0x0800
  const first = packet[version === 6 ? 24 : 16] ?? 0
  let to: Uint8Array = OURS_HARDWARE
  if (version === 4 && first >= 224)
    to =
      first === 255
        ? BROADCAST_HARDWARE
        : Uint8Array.of(1, 0, 0x5e, (packet[17] ?? 0) & 127, packet[18] ?? 0, packet[19] ?? 0)
  if (version === 6 && first === 0xff) to = Uint8Array.of(0x33, 0x33, ...packet.slice(36, 40))
  if (chance.oneIn(40))
    to = chance.pick(BROADCAST_HARDWARE, OURS_HARDWARE, Uint8Array.of(1, 0, 0x5e, 0, 0, 1), hardwareOf(9))
  return ethernet(
    to,
    chance.oneIn(60) ? chance.pick(BROADCAST_HARDWARE, OURS_HARDWARE) : hardwareOf(chance.below(8)),
    type,
    packet,
  )
}

/** An ARP packet, asked or answered. */
export function arpFrame(chance: Chance): Uint8Array {
  const sender = chance.oneIn(10) ? OURS_V4 : source(4, chance)
  const target = chance.oneIn(3) ? any(4, chance) : destination(4, chance)
  const hardware = chance.oneIn(20) ? BROADCAST_HARDWARE : hardwareOf(chance.below(8))
  const body = octets().u16(chance.oneIn(20) ? chance.below(65_536) : 1, chance.oneIn(20) ? 0x86dd : 0x0800)
  body.u8(chance.oneIn(20) ? chance.below(256) : 6, chance.oneIn(20) ? chance.below(256) : 4)
  body.u16(chance.pick(1, 1, 2, 2, 3, chance.below(65_536)))
  body
    .raw(hardware)
    .u32(sender.d)
    .raw(chance.pick(OURS_HARDWARE, new Uint8Array(6), hardware))
    .u32(target.d)
  if (chance.oneIn(2)) body.fill(18)
  return ethernet(chance.pick(OURS_HARDWARE, BROADCAST_HARDWARE, BROADCAST_HARDWARE), hardware, 0x0806, body.take())
}
