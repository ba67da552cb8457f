import {
  IPPROTO_TCP,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  SHUT_WR,
  SO_OOBINLINE,
  SOL_SOCKET,
  TCP_MAXSEG,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import type { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import { CLOSED, SYN_RECEIVED } from '../../src/tcp/state.ts'
import type { Chance } from './chance.ts'
import { checkConnection } from './invariants.ts'
import { connectionOf, int } from './peer.ts'

const scratch = new Uint8Array(200_000)
const ahead = new Uint8Array(200_000)

/** One end of a conversation: it says all it has to say, in its own way, and hears the other's every octet. */
export class Talker {
  readonly endpoint: TcpEndpoint
  readonly total: number
  readonly #chance: Chance
  readonly #data: Uint8Array
  readonly #urgent: boolean
  readonly #writes: number
  readonly #reads: number
  #sent = 0
  #heard = 0
  #silent = false
  /** Steps that it reads nothing. */
  #pause = 0
  #offeredTo = 0
  /** The other's end of stream has come. */
  ended = false

  constructor(endpoint: TcpEndpoint, chance: Chance, urgent: boolean) {
    this.endpoint = endpoint
    this.#chance = chance
    this.#urgent = urgent
    this.total = chance.pick(0, 1, 5000, 60_000, 200_000)
    const salt = chance.below(256)
    this.#data = new Uint8Array(this.total)
    for (let i = 0; i < this.total; i++) this.#data[i] = i * 31 + (i >> 8) * 7 + salt
    // Octet by octet only what is short: a world shall not take seconds.
    this.#writes = this.total > 60_000 ? chance.pick(30, 1000, 50_000) : chance.pick(1, 30, 1000, 50_000)
    this.#reads = chance.pick(50, 3000, 100_000)
    this.#offeredTo = connectionOf(endpoint).rcvAdv
    if (urgent) endpoint.setOption(SOL_SOCKET, SO_OOBINLINE, int(1))
  }

  /** Counts up with every octet sent or heard. */
  get progress(): number {
    return this.#sent + this.#heard + (this.ended ? 1 : 0)
  }

  get position(): string {
    return `sent ${this.#sent} of ${this.total}, heard ${this.#heard}`
  }

  /** Sends something, or shuts its side when all is said. */
  talk(): void {
    const chance = this.#chance
    if (this.#sent < this.total) {
      if (chance.oneIn(3)) return
      const times = this.#writes < 50 ? 20 : 1
      for (let i = 0; i < times && this.#sent < this.total; i++) this.#write()
    } else if (!this.#silent && chance.oneIn(4)) {
      this.#silent = true
      const result = this.endpoint.shutdown(SHUT_WR)
      if (result !== 0) throw new Error(`shutdown gave ${result}`)
    }
  }

  #write(): void {
    const chance = this.#chance
    const length = Math.min(1 + chance.below(this.#writes), this.total - this.#sent)
    const flags = (this.#urgent && chance.oneIn(20) ? MSG_OOB : 0) | (chance.oneIn(10) ? MSG_MORE : 0)
    const result = this.endpoint.send(this.#data, this.#sent, this.#sent + length, flags)
    if (result > 0) this.#sent += result
    else if (result !== -EAGAIN) throw new Error(`send gave ${result}`)
  }

  /** Reads some of what `other` has sent, and compares. */
  hear(other: Talker): void {
    const chance = this.#chance
    if (this.#pause > 0) {
      this.#pause--
      return
    }
    if (chance.oneIn(200)) this.#pause = chance.below(60)
    for (let i = 0; i < 3; i++) {
      const wanted = 1 + chance.below(this.#reads)
      const peeked = chance.oneIn(10) ? this.endpoint.recv(ahead, 0, wanted, MSG_PEEK) : 0
      const result = this.endpoint.recv(scratch, 0, wanted, 0)
      if (peeked > 0 && (result < peeked || !alike(ahead, scratch, 0, peeked))) {
        throw new Error('what was peeked at is not what was read')
      }
      if (result <= 0) {
        this.#hearNothing(other, result)
        return
      }
      if (this.#heard + result > other.#sent) throw new Error(`${this.#heard + result} heard, ${other.#sent} sent`)
      if (!alike(scratch, other.#data, this.#heard, result)) throw new Error(`other octets from ${this.#heard} on`)
      this.#heard += result
    }
  }

  #hearNothing(other: Talker, result: number): void {
    if (result === -EAGAIN) return
    if (result !== 0) throw new Error(`recv gave ${result}`)
    if (this.#heard !== other.total) throw new Error(`the end after ${this.#heard} of ${other.total} octets`)
    this.ended = true
  }

  /** Throws where something does not hold that always holds. */
  check(other: Talker): void {
    const ours = connectionOf(this.endpoint)
    checkConnection(ours)
    this.#checkWindow(ours, connectionOf(other.endpoint))
  }

  /** What is offered is not taken back (RFC 9293 SHLD-14), and the other keeps to it (MUST-34). */
  #checkWindow(ours: Connection, theirs: Connection): void {
    if (ours.state === CLOSED) return
    if (((ours.rcvAdv - this.#offeredTo) | 0) < 0) throw new Error('the right edge of the window has moved left')
    this.#offeredTo = ours.rcvAdv
    const established = theirs.state !== CLOSED && theirs.state !== SYN_RECEIVED
    if (established && !theirs.finSent && ((theirs.sndNxt - ours.rcvAdv) | 0) > 0) {
      throw new Error(`sent ${(theirs.sndNxt - ours.rcvAdv) | 0} octets beyond the window`)
    }
  }

  /** The application wants shorter segments, or longer ones. */
  changeSegmentSize(): void {
    this.endpoint.setOption(IPPROTO_TCP, TCP_MAXSEG, int(this.#chance.pick(0, 88, 536, 1000)))
  }
}

function alike(one: Uint8Array, other: Uint8Array, from: number, length: number): boolean {
  return Buffer.compare(one.subarray(0, length), other.subarray(from, from + length)) === 0
}
