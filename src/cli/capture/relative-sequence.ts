// Read first: tcpdump(1) on -S. Sequence numbers are shown from those on that began the connection, once both are known.

import { read16, read32 } from '../../base/bytes.ts'
import { IPPROTO_TCP } from '../../base/constants.ts'
import { ACK, SYN } from '../../wire/tcp.ts'
import type { CaptureHeaders } from './capture-headers.ts'

/** Connections that are remembered; who has been longest is forgotten. */
const REMEMBERED = 65_536

interface Beginning {
  /** Who sent the packet that told of the connection first. */
  readonly sender: string
  readonly sequence: number
  readonly acknowledged: number
}

export class RelativeSequence {
  readonly #beginnings = new Map<string, Beginning>()

  /** `line` of a packet whose headers are `headers`, with numbers that count from the beginning of its connection. */
  text(line: string, headers: CaptureHeaders): string {
    const { bytes, transport, protocol, end } = headers
    if (protocol !== IPPROTO_TCP || transport < 0 || transport + 20 > end) return line
    const flags = bytes[transport + 13] as number
    if ((flags & ACK) === 0) return line
    const sender = endOf(headers, headers.source, transport)
    const receiver = endOf(headers, headers.destination, transport + 2)
    const key = sender < receiver ? `${sender} ${receiver}` : `${receiver} ${sender}`
    const known = this.#beginnings.get(key)
    if (known === undefined || (flags & SYN) !== 0) {
      this.#remember(key, {
        sender,
        sequence: read32(bytes, transport + 4),
        acknowledged: (read32(bytes, transport + 8) - 1) | 0,
      })
      return line
    }
    const own = known.sender === sender ? known.sequence : known.acknowledged
    const peers = known.sender === sender ? known.acknowledged : known.sequence
    return line
      .replace(/, seq (\d+)(?::(\d+))?/, (_, from: string, to?: string) => {
        return `, seq ${since(from, own)}${to === undefined ? '' : `:${since(to, own)}`}`
      })
      .replace(/, ack (\d+)/, (_, ack: string) => `, ack ${since(ack, peers)}`)
      .replace(/\{(\d+):(\d+)\}/g, (_, from: string, to: string) => `{${since(from, peers)}:${since(to, peers)}}`)
  }

  #remember(key: string, beginning: Beginning): void {
    this.#beginnings.delete(key)
    this.#beginnings.set(key, beginning)
    if (this.#beginnings.size <= REMEMBERED) return
    const [oldest = ''] = this.#beginnings.keys()
    this.#beginnings.delete(oldest)
  }
}

function since(text: string, beginning: number): number {
  return (Number(text) - beginning) >>> 0
}

function endOf({ bytes, addressLength }: CaptureHeaders, address: number, port: number): string {
  return `${bytes.subarray(address, address + addressLength).join('.')}:${read16(bytes, port)}`
}
