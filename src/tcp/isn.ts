// Read first: RFC 6528 section 3, RFC 7323 section 5.4.

import type { IpAddress } from '../base/ip-address.ts'
import type { Random } from '../base/random.ts'
import { SipHash } from '../base/siphash.ts'

/**
 * `iss`, or one well above `floor` where the clock has not yet come so far: a connection that takes the place of one in
 * TIME-WAIT begins above all that the old one has sent (RFC 9293 section 3.6.1).
 */
export function sequenceAbove(iss: number, floor: number | null): number {
  if (floor === null || ((iss - floor) | 0) > 65_536) return iss
  return (floor + 65_537) | 0
}

/** Initial sequence numbers: a clock of 4 µs plus a keyed hash of the socket pair, which nobody else can compute. */
export class SequenceGenerator {
  readonly #hash: SipHash

  constructor(random: Random) {
    this.#hash = SipHash.random(random)
  }

  /** ISN = M + F(local address, local port, remote address, remote port, key). `nowMillis` may have a fraction. */
  initial(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, nowMillis: number): number {
    // 250 ticks of 4 µs in a millisecond, modulo 2^32.
    return (
      (this.#hash.ends(local, remote, (localPort << 16) | remotePort) +
        ((Math.floor(nowMillis * 250) % 0x100000000) | 0)) |
      0
    )
  }

  /** `timestampOffset` of the connection that `initial` was asked for last: the other half of the same hash. */
  get offsetOfLast(): number {
    const { high } = this.#hash
    return high
  }

  /** Where the timestamp clock of a connection starts: as little to be guessed (RFC 7323 section 5.4, RFC 6191). */
  timestampOffset(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    this.#hash.ends(local, remote, (localPort << 16) | remotePort)
    return this.#hash.high
  }
}
