// Read first: RFC 1112 section 6.1, ip(7) on IP_MULTICAST_LOOP, RFC 1122 section 3.3.6.

import type { Clock } from '../../base/clock.ts'
import { CHECKSUM_PARTIAL, type FrameReceiver, Offload } from '../../device/device.ts'
import { Loopback } from '../../device/loopback.ts'
import { ipv4Input } from '../ip4/ipv4-input.ts'
import { ipv6Input } from '../ip6/ipv6-input.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/**
 * What this host sends to many it hears as well, as if it had come in where it went out: a member on another link does not hear it.
 * The copies come back in order, after the sender has returned; what there is no room for is lost, as on any link.
 */
export class OwnCopies implements FrameReceiver {
  readonly #stack: LeanStack
  readonly #clock: Clock
  /** Made with the first copy. */
  #line: Loopback | null = null
  /** Where those that are on their way back went out. */
  readonly #from: NetworkInterface[] = []
  #next = 0
  readonly #offload = new Offload()

  constructor(stack: LeanStack, clock: Clock) {
    this.#stack = stack
    this.#clock = clock
  }

  /** A copy of the packet `bytes[start, end)`, which goes out by `out`. `offload` counts from behind its headers. */
  send(
    out: NetworkInterface,
    bytes: Uint8Array,
    start: number,
    end: number,
    headerLength: number,
    offload: Offload,
  ): void {
    const own = this.#offload
    own.set(offload)
    if (offload.checksum === CHECKSUM_PARTIAL) {
      own.checksumStart += headerLength
      own.headerLength += headerLength
    }
    this.#line ??= this.#makeLine()
    if (this.#line.transmit(bytes, start, end, own)) this.#from.push(out)
    else this.#stack.counters.outDiscards++
  }

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const from = this.#from[this.#next++] as NetworkInterface // as many as there are packets
    if (this.#next === this.#from.length) {
      this.#from.length = 0
      this.#next = 0
    }
    if (from.closed) return
    const stack = this.#stack
    stack.beginBurst()
    stack.counters.inReceives++
    stack.hearsItself = true
    if ((bytes[start] as number) >>> 4 === 6) ipv6Input(from, bytes, start, end, offload, true)
    else ipv4Input(from, bytes, start, end, offload, true)
    stack.hearsItself = false
  }

  flush(): void {
    this.#stack.flush()
  }

  writable(): void {}

  close(): void {
    this.#line?.close()
  }

  #makeLine(): Loopback {
    const line = new Loopback({ name: 'copies', queue: this.#stack.limits.copyBytes })
    line.attach(this, this.#clock)
    return line
  }
}
