// Streams to the kernel through a TAP or TUN device that takes payload from the send ring: they come out as they went in.

import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { AF_INET6, SOCK_STREAM } from '../../src/base/constants.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Device, DeviceFeatures, FrameReceiver, Offload } from '../../src/device/device.ts'
import { openTap, openTun } from '../../src/os/open-tuntap.ts'
import type { TunTap } from '../../src/os/tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'
import { KERNEL, KERNEL6, STACK, STACK6 } from '../interop/served.ts'

const OCTETS = 8_000_000

/** Loses every thirtieth frame on its way out. */
class Losing implements Device {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number
  readonly features: DeviceFeatures
  readonly #inner: TunTap
  #count = 0

  constructor(inner: TunTap) {
    this.#inner = inner
    this.name = inner.name
    this.medium = inner.medium
    this.mtu = inner.mtu
    this.hardwareAddress = inner.hardwareAddress
    this.headroom = inner.headroom
    this.features = inner.features
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return ++this.#count % 30 === 0 || this.#inner.transmit(bytes, start, end, offload)
  }

  transmitGathered(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return ++this.#count % 30 === 0 || this.#inner.transmitGathered(bytes, start, end, offload)
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#inner.attach(receiver, clock)
  }

  close(): void {
    this.#inner.close()
  }
}

describeNetwork('payload taken from where it lies', ['bash', 'sysctl', 'sha256sum'], () => {
  let namespace: Namespace
  let stack: Stack

  beforeEach(() => {
    namespace = new Namespace()
    stack = new Stack()
  })

  afterEach(async () => {
    stack.close()
    await namespace.close()
  })

  test.each([
    ['TAP over IPv4', () => openTap('jf0'), STACK, false, true],
    ['TAP over IPv6', () => openTap('jf0'), STACK6, false, true],
    ['TAP with losses', () => openTap('jf0'), STACK, true, true],
    ['TUN over IPv4', () => openTun('jf0'), STACK, false, true],
    ['TUN over IPv6', () => openTun('jf0'), STACK6, false, true],
    ['TAP, gather: false', () => openTap('jf0', { gather: false }), STACK, false, false],
    ['TAP, offloads: false', () => openTap('jf0', { offloads: false }), STACK, false, false],
  ] as const)('%s', async (_, open, address, losses, gathers) => {
    const device = namespace.enter(open)
    stack.attach(losses ? new Losing(device) : device, {
      address: [`${STACK}/24`, `${STACK6}/64`],
      duplicateAddressDetection: false,
    })
    namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
    const data = new Uint8Array(OCTETS)
    const random = new SeededRandom(11)
    const words = new Int32Array(data.buffer)
    for (let i = 0; i < words.length; i++) words[i] = random.int32()
    const listener = new Socket(stack, AF_INET6, SOCK_STREAM)
    listener.bind({ address: '', port: 7000 })
    listener.listen()
    const reading = namespace.shell(`sha256sum < /dev/tcp/${address}/7000`)
    const socket = await listener.accept()
    // The buffer is filled at once each time: sizes that fit nothing move the ring's head to every place.
    for (let at = 0; at < data.length; ) at += await socket.send(data.subarray(at, at + 123_457))
    await socket.close()
    const { stdout } = await reading
    expect(stdout.slice(0, 64)).toBe(createHash('sha256').update(data).digest('hex'))
    expect(device.counters.gathered > 0).toBe(gathers)
    expect(device.counters.refused).toBe(0)
    await listener.close()
  })
})
