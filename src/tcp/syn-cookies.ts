// Read first: RFC 4987 section 3.6, RFC 6528.
//
// Under a flood of SYNs nothing is remembered of them: what must be known of a connection when its handshake ends is in the
// sequence number that the SYN-ACK begins with, and in its timestamp, and both come back with the ACK. A number is worth something
// for two minutes at most, and who cannot see our SYN-ACKs must guess one in two million.

import type { IpAddress } from '../base/ip-address.ts'
import type { Random } from '../base/random.ts'
import { SipHash } from '../base/siphash.ts'
import { WINDOW_SCALE_MAX } from '../wire/tcp-options.ts'
import { ECN_AGREED } from './ecn.ts'
import type { HalfOpen } from './half-open.ts'

/** The MSS that a cookie can tell, ascending: the largest that the peer takes is told. */
const MSS_V4: readonly number[] = [536, 1300, 1440, 1460]
const MSS_V6: readonly number[] = [1220, 1420, 1440, 8940]
/** A cookie is of a minute, and is taken in that one and in the next. */
const MINUTE = 60_000
const AGE_MAX = 2

// The low bits of the timestamp of a SYN-ACK: the peer's window scale, whether it speaks SACK, and ECN.
const OPTION_BITS = 6
const OPTION_MASK = (1 << OPTION_BITS) - 1
const NO_SCALE = 15
const SACK_BIT = 0x10
const ECN_BIT = 0x20

/** What the cookies of a host are made with. */
export class SynCookies {
  readonly #place: SipHash
  readonly #value: SipHash
  readonly #words = new Int32Array(10)

  constructor(random: Random) {
    this.#place = SipHash.random(random)
    this.#value = SipHash.random(random)
  }

  /** The initial sequence number that stands for the request `h`. */
  sequenceFor(h: HalfOpen): number {
    const table = h.remote.isV4 ? MSS_V4 : MSS_V6
    let index = 0
    for (let i = 0; i < table.length; i++) if ((table[i] as number) <= h.peerMss) index = i
    const minute = minuteOf(h)
    const place = this.#hash(this.#place, h.local, h.localPort, h.remote, h.remotePort, 0)
    const value = this.#hash(this.#value, h.local, h.localPort, h.remote, h.remotePort, minute)
    return (place + h.irs + (minute << 24) + ((value + index) & 0xffffff)) | 0
  }

  /** The MSS of the request of which `h` has the ends and the sequence numbers, those that an ACK tells; 0: the cookie is none of ours. */
  mssOf(h: HalfOpen): number {
    const place = this.#hash(this.#place, h.local, h.localPort, h.remote, h.remotePort, 0)
    const cookie = (h.iss - place - h.irs) | 0
    const minute = minuteOf(h)
    const age = (minute - (cookie >>> 24)) & 0xff
    if (age >= AGE_MAX) return 0
    const value = this.#hash(this.#value, h.local, h.localPort, h.remote, h.remotePort, (minute - age) & 0xff)
    const index = (cookie - value) & 0xffffff
    return (h.remote.isV4 ? MSS_V4 : MSS_V6)[index] ?? 0
  }

  #hash(
    hash: SipHash,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    minute: number,
  ): number {
    const words = this.#words
    words[0] = local.a
    words[1] = local.b
    words[2] = local.c
    words[3] = local.d
    words[4] = remote.a
    words[5] = remote.b
    words[6] = remote.c
    words[7] = remote.d
    words[8] = (localPort << 16) | remotePort
    words[9] = minute
    return hash.words(words, 10)
  }
}

function minuteOf(h: HalfOpen): number {
  return Math.floor((h.host.time.now >>> 0) / MINUTE) & 0xff
}

/** The clock of the timestamp of a SYN-ACK that tells the options of `h`: not later than `now`, and 63 ms earlier at most. */
export function clockWithOptions(h: HalfOpen, now: number): number {
  const scale = h.windowShift >= 0 ? h.windowShift : NO_SCALE
  const bits = scale | (h.sackPermitted ? SACK_BIT : 0) | ((h.ecn & ECN_AGREED) !== 0 ? ECN_BIT : 0)
  const clock = (now & ~OPTION_MASK) | bits
  return ((clock - now) | 0) > 0 ? (clock - OPTION_MASK - 1) | 0 : clock
}

/** Takes the options back from the clock that came back. */
export function optionsFromClock(h: HalfOpen, clock: number): void {
  const scale = clock & NO_SCALE
  h.windowShift = scale === NO_SCALE ? -1 : Math.min(scale, WINDOW_SCALE_MAX)
  h.sackPermitted = (clock & SACK_BIT) !== 0
  h.ecn = (clock & ECN_BIT) !== 0 ? ECN_AGREED : 0
}
