// What hosts of a simulation sent and heard of one TCP connection, from a capture of it.

import { Ipv4Header, readIpv4 } from '../../../src/wire/ipv4.ts'
import { DIRECTION_OUTBOUND } from '../../../src/wire/pcapng.ts'
import { readPcapng } from '../../../src/wire/pcapng-reader.ts'
import { readTcp, TcpSegment } from '../../../src/wire/tcp.ts'

const ETHERNET_HEADER = 14
const IPPROTO_TCP = 6

export interface Sighting {
  /** Milliseconds since the simulation began. */
  readonly at: number
  readonly host: string
  readonly sent: boolean
  readonly seq: number
  readonly ack: number
  readonly length: number
  readonly flags: number
  readonly window: number
  /** The shift of a SYN; −1: none. */
  readonly windowScale: number
  /** Edges of the blocks of SACK, in pairs. */
  readonly sack: readonly number[]
  /** Of the header, which is not the same for two packets of a host. */
  readonly identification: number
}

/** Collects a capture: hand `take` to the simulation. */
export class Recording {
  readonly #parts: Uint8Array[] = []

  readonly take = (bytes: Uint8Array): void => {
    this.#parts.push(bytes.slice())
  }

  /** Every TCP segment at each host that sent or heard it, in the order of time. */
  sightings(): Sighting[] {
    const { interfaces, packets } = readPcapng(new Uint8Array(Buffer.concat(this.#parts)))
    const [header, segment] = [new Ipv4Header(), new TcpSegment()]
    const seen: Sighting[] = []
    const first = packets[0]?.at ?? 0
    for (const packet of packets) {
      const { bytes, at, direction } = packet
      const isIpv4 = bytes[12] === 8 && bytes[13] === 0
      if (!isIpv4 || !readIpv4(header, bytes, ETHERNET_HEADER, bytes.length) || header.protocol !== IPPROTO_TCP)
        continue
      const start = ETHERNET_HEADER + header.headerLength
      if (!readTcp(segment, bytes, start, ETHERNET_HEADER + header.totalLength)) continue
      seen.push({
        at: at - first,
        host: (interfaces[packet.interface]?.name ?? '').split('.')[0] as string,
        sent: direction === DIRECTION_OUTBOUND,
        seq: segment.seq,
        ack: segment.ack,
        length: segment.payloadEnd - segment.payloadStart,
        flags: segment.flags,
        window: segment.window,
        windowScale: segment.options.windowScale,
        sack: [...segment.options.sack.subarray(0, 2 * segment.options.sackCount)],
        identification: header.identification,
      })
    }
    return seen
  }
}
