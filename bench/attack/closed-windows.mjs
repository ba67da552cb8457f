// Clients that connect, ask, and say from then on that their window is closed: RFC 9293 section 3.8.6.1 has the server ask for ever.

import { IpAddress } from '../../dist/index.js'
import { segment, stranger } from './floods.mjs'

const SYN = 2
const ACK = 16
const question = new Uint8Array(1000)

export class ClosedWindows {
  /** Answers to the server, for the next turn. */
  #answers = []
  #port = 0
  #tapped

  constructor(tapped) {
    this.#tapped = tapped
    tapped.watcher = (bytes, start) => this.#look(bytes, start)
  }

  /** `count` frames more of the attack: new clients, and what is due of those before. */
  inject(count) {
    const { hardwareAddress } = this.#tapped
    for (let i = 0; i < count; i++) {
      const answer = this.#answers.pop()
      this.#port = (this.#port + 1) & 0xffff
      this.#tapped.inject(answer ?? segment(hardwareAddress, stranger(), this.#port, 1, 0, SYN, 65_535))
    }
  }

  /** Answers what the server sends to those who are nowhere. */
  #look(bytes, start) {
    const ip = start + 14
    if (bytes[start + 12] !== 8 || bytes[start + 13] !== 0 || bytes[ip + 9] !== 6 || bytes[ip + 16] !== 11) return
    const view = new DataView(bytes.buffer, bytes.byteOffset + ip)
    const source = IpAddress.v4(view.getInt32(16))
    const flags = bytes[ip + 33]
    if ((flags & 4) !== 0) return
    const first = (flags & SYN) !== 0
    this.#answers.push(
      segment(
        this.#tapped.hardwareAddress,
        source,
        view.getUint16(22),
        first ? 2 : 2 + question.length,
        view.getUint32(24) + (first ? 1 : 0),
        ACK,
        0,
        first ? question : undefined,
      ),
    )
  }
}
