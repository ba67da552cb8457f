// A stack with programs on it, and a link from which anything may come.

import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { CHECKSUM_VERIFIED, NO_FEATURES, Offload } from '../../src/device/device.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { TcpConfig } from '../../src/tcp/config.ts'
import { Connection } from '../../src/tcp/connection.ts'
import type { HalfOpen } from '../../src/tcp/half-open.ts'
import { TimeWait } from '../../src/tcp/time-wait.ts'
import { describeLine } from '../../src/wire/describe.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { checkConnection } from '../../test/tcp/invariants.ts'
import { numberOf, type Step, step } from '../step.ts'
import type { World } from '../target.ts'
import { FuzzDevice } from './fuzz-device.ts'
import { GIVEN_ADDRESSES } from './hosts.ts'
import { arpFrame, framed, packets } from './ip-frames.ts'
import { type Bounds, checkLimits, SMALL_LIMITS } from './limits.ts'
import { groupFrame, icmpFrame, ndFrame, oddFrame, udpFrame } from './network-frames.ts'
import { Programs } from './programs.ts'
import { spoil } from './spoil.ts'
import { type Payload, tcpFrame } from './tcp-frames.ts'

/** An answer and all that it lets go: what a send buffer holds in the smallest of segments. */
const SENT_MAX = 3000
/** Time-outs of everything there is within one jump of the clock. */
const STEPS_MAX = 60_000
const HOURS = 4 * 3_600_000
const TCP_MEMORY = 1 << 20
const TIME_WAIT_MAX = 6

export type Mix = 'tcp' | 'net'

// What the first step's numbers are.
const MEDIUM = 0
const CHECKSUMS = 1
const MODE = 2
const SEED = 3
const LIMITS = 4
const PROFILE = 5
const FLAVOUR = 6

export function beginFrames(chance: Chance): Step {
  const kind = [
    chance.below(2),
    chance.below(4),
    chance.below(4),
    chance.below(1 << 20),
    chance.below(2),
    chance.below(2),
  ]
  return step('stack', [...kind, chance.below(64)])
}

/** What TCP speaks in this world; 0, as in cases from before there was a choice: what it speaks by default. */
function flavour(bits: number): Partial<TcpConfig> {
  return {
    // Clients and servers, all listeners, with and without a cookie.
    ...((bits & 1) !== 0 ? { fastOpen: 0x403 | ((bits & 2) !== 0 ? 0x204 : 0) } : {}),
    ...((bits & 4) !== 0 ? { ecn: 1 } : {}),
    ...((bits & 8) !== 0 ? { mtuProbing: 2 } : {}),
    ...((bits & 16) !== 0 ? { congestionControl: 'reno' } : {}),
    ...((bits & 32) !== 0 ? { timestamps: false } : {}),
  }
}

export class FrameWorld implements World {
  inputs = 0
  thorough = false
  readonly #mix: Mix
  readonly #clock: ManualClock
  readonly #device: FuzzDevice
  readonly #stack: Stack
  readonly #programs: Programs
  readonly #bounds: Bounds
  readonly #trusted: boolean
  readonly #offload = new Offload()
  #entries: (Connection | HalfOpen)[] = []
  #queue: Uint8Array[] = []
  #age = 0

  constructor(mix: Mix, first: Step) {
    this.#mix = mix
    const ethernet = numberOf(first, MEDIUM) === 0
    this.#trusted = numberOf(first, CHECKSUMS) === 0
    const large = numberOf(first, CHECKSUMS) === 1
    const mode = numberOf(first, MODE)
    const seed = numberOf(first, SEED)
    this.#clock = new ManualClock(seed % 3 === 0 ? 2 ** 31 - 5000 : 1000 + seed)
    this.#device = new FuzzDevice(
      ethernet ? 'ethernet' : 'ip',
      large ? { checksum: true, largeSegment: 65_535 } : NO_FEATURES,
    )
    this.#stack = new Stack({
      clock: this.#clock,
      random: new SeededRandom(seed),
      forwarding: mode === 3,
      profile: numberOf(first, PROFILE) === 0 ? 'default' : 'linux',
      limits: numberOf(first, LIMITS) === 0 ? SMALL_LIMITS : {},
      tcp: {
        ...flavour(numberOf(first, FLAVOUR)),
        timeWait: 3000,
        timeWaitMax: TIME_WAIT_MAX,
        memoryMax: TCP_MEMORY,
        // More than the window of a SYN-ACK and the data of the SYN that it answers.
        receiveBuffer: 70_000,
        sendBuffer: 65_536,
      },
    })
    this.#stack.attach(this.#device, {
      address: GIVEN_ADDRESSES,
      ipv6: mode === 0 || mode === 3 ? 'static' : 'auto',
      duplicateAddressDetection: mode === 1,
    })
    this.#stack.addRoute('default', { via: '192.0.2.4' })
    this.#run(4000)
    this.#programs = new Programs(this.#stack)

    this.#bounds = { tcpMemory: TCP_MEMORY, tcpSlack: 20_000, connections: 400 }
  }

  next(chance: Chance): Step {
    const queued = this.#queue.shift()
    if (queued !== undefined) return step('frame', [0], queued)
    const kind = chance.below(32)
    if (kind < 5) return step('call', [chance.below(11), chance.below(64), chance.below(100_000)])
    if (kind === 5) return step('pass', [chance.pick(0, 1, 5, 40, 200, 1000, 5000, chance.oneIn(20) ? 100_000 : 10)])
    if (kind === 6 && chance.oneIn(8)) return step('room', [chance.below(2)])
    if (this.#age++ % 8 === 0) this.#entries = [...this.#stack.tcp.connections.entries()].map(whole)
    const frames = this.#frames(chance)
    this.#queue = frames.slice(1)
    return step('frame', [0], frames[0] ?? new Uint8Array(0))
  }

  #frames(chance: Chance): Uint8Array[] {
    const ethernet = this.#device.medium === 'ethernet'
    if (ethernet && chance.oneIn(this.#mix === 'tcp' ? 60 : 12)) return [this.#spoilt(arpFrame(chance), 14, chance)]
    const made = packets(this.#message(chance), chance)
    const start = ethernet ? 14 : 0
    return made.map((packet) => this.#spoilt(ethernet ? framed(packet, chance) : packet, start, chance))
  }

  #message(chance: Chance): Payload {
    const version = chance.pick<4 | 6>(4, 6)
    if (!chance.oneIn(this.#mix === 'tcp' ? 12 : 4)) {
      if (this.#mix === 'tcp') return tcpFrame(this.#stack, this.#entries, this.#device.greetings, chance)
      switch (chance.below(6)) {
        case 0:
          return udpFrame(version, chance)
        case 1:
        case 2:
          return icmpFrame(version, this.#entries, chance)
        case 3:
          return ndFrame(chance)
        case 4:
          return groupFrame(version, chance)
        default:
          return oddFrame(this.#stack, version, chance)
      }
    }
    return chance.oneIn(2)
      ? icmpFrame(version, this.#entries, chance)
      : tcpFrame(this.#stack, this.#entries, this.#device.greetings, chance)
  }

  #spoilt(frame: Uint8Array, start: number, chance: Chance): Uint8Array {
    return chance.oneIn(this.#mix === 'tcp' ? 16 : 5) ? spoil(frame, start, chance) : frame
  }

  run(next: Step): void {
    const device = this.#device
    device.sent = 0
    switch (next.kind) {
      case 'frame':
        this.inputs++
        this.#deliver(next.bytes)
        this.#run(0)
        break
      case 'pass':
        this.#run(numberOf(next, 0))
        this.#programs.serve()
        break
      case 'call':
        this.#programs.call(numberOf(next, 0), numberOf(next, 1), numberOf(next, 2))
        this.#run(0)
        break
      case 'room':
        device.full = numberOf(next, 0) === 1
        if (!device.full) device.receiver?.writable()
        break
    }
    if (next.kind === 'frame' && device.sent > SENT_MAX) throw new Error(`a frame drew ${device.sent} others`)
    checkLimits(this.#stack, this.#bounds)
    if (this.thorough || this.#age % 8 === 0 || next.kind !== 'frame') this.#checkConnections()
  }

  #deliver(frame: Uint8Array): void {
    const { receiver } = this.#device
    // The buffer is another one afterwards, as a real device's is: who keeps a view has something else in it.
    const lent = new Uint8Array(frame.length + 8).fill(0xa5)
    lent.set(frame, 3)
    this.#offload.clear()
    if (this.#trusted) this.#offload.checksum = CHECKSUM_VERIFIED
    receiver?.receive(lent, 3, 3 + frame.length, this.#offload)
    receiver?.flush()
    if (this.inputs % 8 === 0) describeLine(lent, 3, 3 + frame.length, this.#device.medium)
    lent.fill(0xee)
  }

  #checkConnections(): void {
    for (const entry of this.#stack.tcp.connections.entries()) {
      if (entry instanceof Connection) checkConnection(entry)
    }
  }

  #run(ms: number): void {
    const clock = this.#clock
    const end = clock.now() + ms
    for (let steps = 0; clock.nextAt() <= end; steps++) {
      if (steps > STEPS_MAX) throw new Error(`more than ${STEPS_MAX} steps in ${ms} ms`)
      clock.advanceTo(clock.nextAt())
    }
    clock.advanceTo(end)
  }

  finish(): void {
    const stack = this.#stack
    this.#programs.serve()
    this.#programs.close()
    this.#device.full = false
    this.#device.receiver?.writable()
    this.#run(HOURS)
    const left = {
      connections: stack.tcp.connections.count,
      'octets of TCP': stack.tcp.memory.used,
      'TCP ports': stack.ports.tcp.size,
      'UDP ports': stack.ports.udp.size,
      'ICMP ports': stack.ports.icmp.size,
      descriptors: stack.descriptors.size,
      datagrams: stack.reassembly.size,
      'octets of fragments': stack.reassembly.bytes,
    }
    for (const [what, count] of Object.entries(left)) if (count !== 0) throw new Error(`${count} ${what} are left`)
    checkLimits(stack, this.#bounds)
    stack.close()
    this.#clock.settle()
    if (this.#clock.nextAt() !== Number.POSITIVE_INFINITY)
      throw new Error('something is still to happen on a closed stack')
  }
}

/** The connection of one in TIME-WAIT that nobody holds. */
function whole(entry: Connection | HalfOpen | TimeWait): Connection | HalfOpen {
  return entry instanceof TimeWait ? entry.whole() : entry
}
