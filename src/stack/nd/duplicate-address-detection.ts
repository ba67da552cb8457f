// Read first: RFC 4862 section 5.4, RFC 7527 section 4.

import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import type { InterfaceAddress } from '../link/interface-address.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'

/** MAX_RTR_SOLICITATION_DELAY of RFC 4861 section 10: hosts that come up together shall not ask in step. */
const DELAY_MAX = 1000
/** DupAddrDetectTransmits of RFC 4862 section 5.1. */
const TRANSMITS = 1
/** After a question of ours came back: MAX_MULTICAST_SOLICIT of RFC 4861 section 10. */
const TRANSMITS_AFTER_LOOP = 3
/** Nonces that are remembered: a loop may give a question back late. */
const NONCES = 4

/** Asks whether an address that we want is another node's. Until nobody has said so it is neither answered for nor used. */
export class DuplicateAddressDetection extends Timer {
  readonly #ipv6: Ipv6Interface
  readonly #entry: InterfaceAddress
  #left: number = TRANSMITS
  /** The last nonces, each as its first 16 and its last 32 bits. */
  readonly #nonces: number[] = []

  constructor(ipv6: Ipv6Interface, entry: InterfaceAddress) {
    super()
    this.#ipv6 = ipv6
    this.#entry = entry
  }

  start(): void {
    const { time, random } = this.#ipv6.interface.stack
    time.refresh()
    time.set(this, Math.floor(DELAY_MAX * randomFraction(random)))
  }

  stop(): void {
    this.#ipv6.interface.stack.time.clear(this)
  }

  /** Somebody else asks for the address; or the question is ours, come back from a link that loops. */
  asked(named: boolean, nonceHigh: number, nonceLow: number): void {
    if (named && this.#isOurs(nonceHigh, nonceLow)) {
      this.#ipv6.interface.stack.counters.ndLoopedBack++
      if (this.#left === 0) this.#left = TRANSMITS_AFTER_LOOP
      return
    }
    this.#ipv6.refuse(this.#entry)
  }

  override expire(): void {
    if (this.#left === 0) {
      this.#ipv6.accept(this.#entry)
      return
    }
    this.#left--
    const { time, random } = this.#ipv6.interface.stack
    const high = random.int32() & 0xffff
    const low = random.int32()
    this.#nonces.push(high, low)
    if (this.#nonces.length > 2 * NONCES) this.#nonces.splice(0, 2)
    this.#ipv6.output.solicitDuplicate(this.#entry.address, high, low)
    time.set(this, this.#ipv6.retransmitTime)
  }

  #isOurs(high: number, low: number): boolean {
    for (let i = 0; i < this.#nonces.length; i += 2) {
      if (this.#nonces[i] === high && this.#nonces[i + 1] === low) return true
    }
    return false
  }
}
