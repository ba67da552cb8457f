// Read first: udp(7) on UDP_SEGMENT, sendmmsg(2). Datagrams of a batch that go to a device as one large packet are the same datagrams.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_MTU_DISCOVER,
  IP_PKTINFO,
  IP_PMTUDISC_DONT,
  IPPROTO_IP,
  IPPROTO_UDP,
  SO_NO_CHECK,
  SOCK_DGRAM,
  SOL_SOCKET,
  UDP_SEGMENT,
} from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_PARTIAL, SEGMENT_NONE, SEGMENT_UDP } from '../../src/device/device.ts'
import { SegmentCutter } from '../../src/device/segment-cutter.ts'
import { MessageBatch } from '../../src/socket/message-batch.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack } from '../../src/stack/stack.ts'
import { completePartialChecksum } from '../../src/wire/partial-checksum.ts'
import { octets } from './one-stack.ts'
import { ScriptDevice } from './script-device.ts'

const TO = [SocketAddress.internet('192.0.2.2', 7), SocketAddress.internet('192.0.2.3', 7)] as const
const TO6 = [SocketAddress.internet('2001:db8::2', 7), SocketAddress.internet('2001:db8::3', 7)] as const

class Host {
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly socket: Socket

  constructor(largeDatagram: number, family: number = AF_INET) {
    const features = { checksum: true, largeSegment: 0, ...(largeDatagram > 0 && { largeDatagram }) }
    this.device = new ScriptDevice('ip', 1500, features)
    this.stack = new Stack({ clock: new ManualClock(5000), random: new SeededRandom(7) })
    this.stack.attach(this.device, {
      address: ['192.0.2.1/24', '2001:db8::1/64'],
      duplicateAddressDetection: false,
    })
    this.socket = new Socket(this.stack, family, SOCK_DGRAM)
    this.socket.bind({ address: family === AF_INET ? '0.0.0.0' : '::', port: 4000 })
    this.device.take()
  }

  async send(lengths: readonly number[], to: (place: number) => SocketAddress): Promise<number> {
    const batch = new MessageBatch(lengths.length, 2000)
    for (const [i, length] of lengths.entries()) batch.set(i, octets(length + i).subarray(i), to(i))
    return this.socket.sendmmsg(batch)
  }

  /** How many datagrams each frame that was sent stands for. */
  get runs(): number[] {
    return this.device.sent.map((frame, i) => {
      const { segment, segmentSize, headerLength } = this.device.offloads[i] ?? { segment: -1 }
      if (segment === SEGMENT_NONE) return 1
      expect(segment).toBe(SEGMENT_UDP)
      return Math.ceil((frame.length - (headerLength as number)) / (segmentSize as number))
    })
  }

  /** The packets as a wire would carry them, but for the identification of IPv4 and the checksum over it. */
  get packets(): Uint8Array[] {
    const packets: Uint8Array[] = []
    const take = (bytes: Uint8Array, start: number, end: number) => {
      const packet = bytes.slice(start, end)
      if ((packet[0] as number) >>> 4 === 4) for (const at of [4, 5, 10, 11]) packet[at] = 0
      packets.push(packet)
    }
    const cutter = new SegmentCutter(take)
    for (const [i, frame] of this.device.sent.entries()) {
      const offload = this.device.offloads[i]
      if (offload === undefined) throw new Error('a frame without its offload')
      if (cutter.cut(frame, 0, frame.length, 'ip', offload)) continue
      if (offload.checksum === CHECKSUM_PARTIAL) {
        completePartialChecksum(frame, offload.checksumStart, offload.checksumOffset, frame.length)
      }
      take(frame, 0, frame.length)
    }
    return packets
  }
}

const one = () => TO[0]

describe.each([
  [4, AF_INET, TO],
  [6, AF_INET6, TO6],
])('over IPv%i a batch', (_, family, [near, far]) => {
  test.each<[string, number[], (place: number) => SocketAddress, number[]]>([
    ['of one length to one address is one frame', [64, 64, 64, 64], () => near, [4]],
    ['whose last is shorter is one frame', [64, 64, 1], () => near, [3]],
    ['goes as it comes: each run of one length is a frame', [64, 64, 65, 65, 3, 3], () => near, [2, 3, 1]],
    ['has datagrams without data by themselves', [0, 0, 64, 64, 0], () => near, [1, 1, 2, 1]],
    ['to two addresses by turns has a frame for each', [64, 64, 64], (i) => (i % 2 === 0 ? near : far), [1, 1, 1]],
    ['has no more than 64 in a frame', new Array(70).fill(8), () => near, [64, 6]],
    ['has no more in a frame than the device takes', new Array(5).fill(1400), () => near, [2, 2, 1]],
  ])('%s', async (_, lengths, to, runs) => {
    const [joined, single] = [new Host(3000, family), new Host(0, family)]
    expect(await joined.send(lengths, to)).toBe(lengths.length)
    expect(await single.send(lengths, to)).toBe(lengths.length)
    expect(joined.runs).toEqual(runs)
    expect(new Set(single.runs)).toEqual(new Set([1]))
    expect(joined.packets).toEqual(single.packets)
    expect(joined.stack.counters.udpSent).toBe(lengths.length)
    expect(single.stack.counters.udpSent).toBe(lengths.length)
  })
})

test.each([AF_INET, AF_INET6])('datagrams of family %i that are cut into fragments go one by one', async (family) => {
  const host = new Host(65535, family)
  await host.send([1600, 1600], () => (family === AF_INET ? TO : TO6)[0])
  expect(host.runs).toEqual([1, 1, 1, 1])
})

test('UDP_SEGMENT is left to the device: one send is one frame, and the same datagrams (udp(7))', async () => {
  const [joined, single] = [new Host(65535), new Host(0)]
  for (const host of [joined, single]) {
    host.socket.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 100)
    expect(await host.socket.sendto(octets(950), TO[0])).toBe(950)
    expect(host.stack.counters.udpSent).toBe(10)
  }
  expect(joined.runs).toEqual([10])
  expect(joined.packets).toEqual(single.packets)
})

test('datagrams that may be cut on their way each have an identification of their own (RFC 6864 section 4.3)', async () => {
  const host = new Host(65535)
  host.socket.setsockopt(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
  await host.send([64, 64, 64], one)
  expect(host.runs).toEqual([1, 1, 1])
})

test('datagrams without a checksum go one by one: a device that cuts them would give them one', async () => {
  const host = new Host(65535)
  host.socket.setsockopt(SOL_SOCKET, SO_NO_CHECK, true)
  await host.send([64, 64], one)
  expect(host.runs).toEqual([1, 1])
})

test('answers from two addresses of ours are no run', async () => {
  const host = new Host(65535)
  host.stack.addAddress(host.stack.interfaces[1] as NetworkInterface, IpAddress.parse('192.0.2.9') as IpAddress, 120)
  const batch = new MessageBatch(3, 100, { controlSize: 64 })
  for (const [i, last] of [1, 9, 9].entries()) {
    const data = Uint8Array.of(0, 0, 0, 0, 192, 0, 2, last, 0, 0, 0, 0)
    batch.set(i, octets(64), TO[0], [{ level: IPPROTO_IP, type: IP_PKTINFO, data }])
  }
  expect(await host.socket.sendmmsg(batch)).toBe(3)
  expect(host.runs).toEqual([1, 2])
})

test('groups hear them one by one', async () => {
  const host = new Host(65535)
  await host.send([64, 64], () => SocketAddress.internet('224.0.0.251', 7))
  expect(host.runs).toEqual([1, 1])
})

test('a device that is full has taken none of a run, and the batch goes on behind those that went', async () => {
  const host = new Host(65535)
  const batch = new MessageBatch(4, 100)
  for (const [i, length] of [10, 10, 20, 20].entries()) batch.set(i, octets(length), one())
  const { device } = host
  const transmit = device.transmit.bind(device)
  device.transmit = (bytes, start, end, offload) => {
    const taken = transmit(bytes, start, end, offload)
    device.full = true
    return taken
  }
  const sent = host.socket.sendmmsg(batch)
  expect(host.runs).toEqual([2])
  device.transmit = transmit
  device.hasRoom()
  ;(host.stack.clock as ManualClock).settle()
  expect(await sent).toBe(4)
  expect(host.runs).toEqual([2, 2])
})
