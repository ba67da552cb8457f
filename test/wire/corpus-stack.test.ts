import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_NONE, CHECKSUM_VERIFIED, type FrameReceiver, Offload } from '../../src/device/device.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { Stack } from '../../src/stack/stack.ts'
import { amount } from '../soak.ts'
import { ScriptDevice, toHex } from '../stack/script-device.ts'
import { damaged, lengthened, mended, POISON_LENGTH, poisoned, readCorpus } from './corpus.ts'

interface Side {
  readonly forwarding: boolean
  readonly addresses: readonly string[]
}

/** The one end of most packets in the corpus. */
const HOST: Side = {
  forwarding: false,
  addresses: ['10.9.1.2/24', '2001:db8:1::2/64', '2001:db8:1::ff:fe00:a02/64', 'fe80::ff:fe00:a02/64'],
}
/** The other, and the router on the way to it. */
const ROUTER: Side = {
  forwarding: true,
  addresses: ['10.9.1.1/24', '10.9.2.2/24', '2001:db8:1::1/64', '2001:db8:2::2/64', 'fe80::ff:fe00:a01/64'],
}

/** The packets, told to be for the only station that there is, unless they are for a group. */
const corpus = readCorpus().map(({ bytes }) => {
  const frame = bytes.slice()
  if (((frame[0] as number) & 1) === 0) frame.set([2, 0, 0, 0, 0, 1])
  return frame
})

class CorpusDevice extends ScriptDevice {
  receiver: FrameReceiver | null = null

  override attach(receiver: FrameReceiver, clock: Clock): void {
    super.attach(receiver, clock)
    this.receiver = receiver
  }
}

/** A stack that has the addresses of a side, listens on the ports that the corpus knows, and reads what it is sent. */
class Target {
  readonly clock = new ManualClock(5000)
  readonly device: CorpusDevice
  readonly stack: Stack
  readonly endpoints: Endpoint[] = []
  readonly #buffer = new Uint8Array(70_000)
  #fed = 0

  constructor({ forwarding, addresses }: Side, medium: 'ethernet' | 'ip') {
    this.device = new CorpusDevice(medium)
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(11), forwarding })
    this.stack.attach(this.device, {
      address: addresses,
      ipv6: forwarding ? 'static' : 'auto',
      duplicateAddressDetection: false,
    })
    const other = new ScriptDevice('ip')
    this.stack.attach(other, { address: ['192.0.2.1/24', '2001:db8:60::1/64'] })
    this.stack.addRoute('default', { via: '10.9.1.77' })
    for (const port of [7000, 80]) this.#open(SOCK_STREAM, 0, port)
    for (const port of [9, 68, 5000, 33434]) this.#open(SOCK_DGRAM, IPPROTO_UDP, port)
    this.#open(SOCK_RAW, IPPROTO_ICMPV6, 0)
    this.endpoints.push(this.stack.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) as Endpoint)
    this.run(5000)
  }

  #open(type: number, protocol: number, port: number): void {
    const endpoint = this.stack.socket(AF_INET6, type, protocol) as Endpoint
    if (type !== SOCK_RAW) expect(endpoint.bind(SocketAddress.internet('::', port))).toBe(0)
    if (type === SOCK_STREAM) expect(endpoint.listen(16)).toBe(0)
    this.endpoints.push(endpoint)
  }

  run(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  /** Delivers `bytes[start, end)`; all that was sent in answer, and meanwhile, and what its endpoints received. */
  answer(bytes: Uint8Array, start: number, end: number, trusted: boolean): string {
    const offload = new Offload()
    offload.checksum = trusted ? CHECKSUM_VERIFIED : CHECKSUM_NONE
    this.device.receiver?.receive(bytes, start, end, offload)
    this.device.receiver?.flush()
    this.#fed++
    if (this.#fed % 16 === 0) this.run(7)
    const received: Uint8Array[] = []
    for (const endpoint of this.endpoints) {
      for (;;) {
        const length = endpoint.recv(this.#buffer, 0, this.#buffer.length, 0)
        if (length <= 0) break
        received.push(this.#buffer.slice(0, length))
      }
    }
    return [...this.device.take(), ...received].map(toHex).join('\n')
  }
}

/** Two of them, each given every frame: one alone in its buffer, one with other octets around it. They do the same. */
class Twins {
  readonly one: Target
  readonly other: Target
  /** Octets of a frame in front of what the stacks are given. */
  readonly #from: number
  cases = 0
  answers = 0

  constructor(side: Side, medium: 'ethernet' | 'ip') {
    this.one = new Target(side, medium)
    this.other = new Target(side, medium)
    this.#from = medium === 'ip' ? 14 : 0
  }

  give(frame: Uint8Array, trusted = false): void {
    if (frame.length < this.#from) return
    const alone = frame.slice(this.#from)
    const around = poisoned(frame, this.#from, frame.length)
    const answer = this.one.answer(alone, 0, alone.length, trusted)
    if (this.other.answer(around, POISON_LENGTH, POISON_LENGTH + alone.length, trusted) !== answer) {
      throw new Error(`${toHex(alone)} is answered otherwise where others surround it`)
    }
    this.cases++
    if (answer !== '') this.answers++
  }

  /** The frame as it is, mended, and with the right length and checksums that a device vouches for. */
  giveInThreeWays(frame: Uint8Array): void {
    this.give(frame)
    this.give(mended(frame))
    this.give(lengthened(frame), true)
  }

  close(): void {
    for (const target of [this.one, this.other]) {
      target.run(200_000)
      target.stack.close()
    }
  }
}

const TIMES = amount(30, 100)

describe.each([
  ['a host on Ethernet', HOST, 'ethernet'],
  ['a host on a link without hardware addresses', HOST, 'ip'],
  ['a router on Ethernet', ROUTER, 'ethernet'],
  ['a router on a link without hardware addresses', ROUTER, 'ip'],
] as const)('%s throws nothing and reads nothing outside', (_what, side, medium) => {
  // Those that are cut off inside the Ethernet header cannot be given to a link without one.
  const [truncated, changed] =
    medium === 'ethernet' ? [77_235, amount(17_460, 58_200)] : [69_087, amount(16_032, 53_439)]

  test(`given every truncation of every packet, in three ways: ${truncated} frames`, () => {
    const twins = new Twins(side, medium)
    for (const frame of corpus) {
      for (let end = 0; end <= frame.length; end++) {
        twins.giveInThreeWays(frame.slice(0, end))
      }
    }
    expect(twins.cases).toBe(truncated)
    expect(twins.answers).toBeGreaterThan(30)
    twins.close()
  })

  test(`given every packet ${TIMES} times with some octets changed, in three ways: ${changed} frames`, () => {
    const twins = new Twins(side, medium)
    const random = new SeededRandom(3)
    for (let i = 0; i < TIMES; i++) {
      for (const frame of corpus) {
        twins.giveInThreeWays(damaged(frame, random))
      }
    }
    expect(twins.cases).toBe(changed)
    expect(twins.answers).toBeGreaterThan(4 * TIMES)
    twins.close()
  })
})
