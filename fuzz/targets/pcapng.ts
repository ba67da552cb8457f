// Read first: draft-ietf-opsawg-pcapng. Whatever a file holds, reading ends, throws nothing, and gives what lies in the file.

import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { octets } from '../frames/packet.ts'
import { damaged, octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

function make(chance: Chance): Uint8Array {
  const file = octets()
  const sections = chance.oneIn(6) ? 2 : 1
  for (let section = 0; section < sections; section++) {
    const writer = new PcapngWriter((bytes) => file.raw(bytes), { application: 'fuzz', resolution: chance.pick(6, 9) })
    const count = 1 + chance.below(2)
    for (let i = 0; i < count; i++)
      writer.addInterface({ linkType: chance.pick(1, 101), name: `eth${i}`, snapLength: chance.pick(64, 262_144) })
    for (let i = chance.below(4); i > 0; i--) {
      const frame = octets().fill(chance.below(200)).take()
      writer.packet(
        chance.below(count),
        1e12 + chance.below(1000),
        chance.below(3),
        frame,
        0,
        frame.length,
        chance.oneIn(4) ? 'why' : undefined,
      )
    }
  }
  if (chance.oneIn(5)) {
    // A block that nobody knows, or a simple packet, as large as it says or not.
    const body = octets()
      .u32(chance.below(64))
      .fill(chance.pick(0, 4, 40))
      .take()
    const length = 12 + body.length + (chance.oneIn(6) ? chance.pick(-4, 4, 1) : 0)
    const little = (value: number) => file.u8(value, value >>> 8, value >>> 16, value >>> 24)
    little(chance.pick(3, 3, 9, 0x0bad0bad))
    little(length)
    file.raw(body)
    little(length)
  }
  const bytes = file.take()
  return chance.oneIn(6) ? bytes : damaged(bytes, chance)
}

function take(bytes: Uint8Array): void {
  const file = readPcapng(bytes)
  // A block has 12 octets at least.
  if (file.packets.length * 12 > bytes.length || file.interfaces.length * 12 > bytes.length) {
    throw new Error(`${file.packets.length} packets in ${bytes.length} octets`)
  }
  for (const packet of file.packets) {
    if (packet.bytes.buffer !== bytes.buffer) throw new Error('a packet lies elsewhere than in the file')
    if (packet.bytes.length > bytes.length) throw new Error(`a packet of ${packet.bytes.length} octets`)
    if (file.interfaces[packet.interface] === undefined) throw new Error(`a packet of interface ${packet.interface}`)
    if (Number.isNaN(packet.at)) throw new Error('a packet that came at no time')
  }
}

export const PCAPNG: Target = octetsTarget('pcapng', 2000, make, take)
