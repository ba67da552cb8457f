// A device that gathers is given long payloads where they lie in the send ring. What it sends is what it would have sent.

import { describe, expect, test } from 'vitest'
import { SO_SNDBUF, SOL_SOCKET } from '../../src/base/constants.ts'
import type { DeviceFeatures, Offload } from '../../src/device/device.ts'
import { ACK } from '../../src/wire/tcp.ts'
import { octets, same } from '../stack/one-stack.ts'
import { ScriptDevice } from '../stack/script-device.ts'
import { FAMILIES, type Family } from './family.ts'
import { int, LARGE, MSS_SACK_SCALE, Peer } from './peer.ts'

const GATHERING: DeviceFeatures = { ...LARGE, gather: true }

interface Run {
  readonly frames: Uint8Array[]
  readonly offloads: Offload[]
  readonly peer: Peer
}

/**
 * A stream of `total` octets in writes of `size`. Half of what is new is acknowledged each time, so that the ring is never drained;
 * and at every 25th turn nothing, until it is sent again. At every seventh the device is full at first.
 */
function stream(family: Family, features: DeviceFeatures, total: number, size: number): Run {
  const peer = new Peer({ family, features })
  const socket = peer.open(MSS_SACK_SCALE)
  socket.setOption(SOL_SOCKET, SO_SNDBUF, int(100_000))
  const data = octets(total)
  const got = new Uint8Array(total)
  const first = peer.ack
  const frames: Uint8Array[] = []
  const offloads: Offload[] = []
  let written = 0
  let acknowledged = 0
  let arrived = 0
  for (let turn = 1; acknowledged < total; turn++) {
    peer.device.full = turn % 7 === 0
    while (written < total) {
      const count = socket.send(data, written, Math.min(written + size, total), 0)
      if (count <= 0) break
      written += count
    }
    if (peer.device.full) {
      peer.device.full = false
      peer.link.writable()
    }
    peer.run(turn % 25 === 0 ? 3000 : 0)
    frames.push(...peer.device.sent)
    offloads.push(...peer.device.offloads)
    for (const { seq, data } of peer.take()) {
      const at = (seq - first) | 0
      got.set(data, at)
      if (at <= arrived) arrived = Math.max(arrived, at + data.length)
    }
    acknowledged += Math.ceil((arrived - acknowledged) / 2)
    peer.ack = (first + acknowledged) | 0
    peer.send(ACK)
  }
  expect(same(got, data)).toBe(true)
  return { frames, offloads, peer }
}

describe.each(FAMILIES)('over $name', (family) => {
  test('a stream with losses and a device that is full at times, over the end of the ring again and again: the same frames, octet by octet', () => {
    const copied = stream(family, LARGE, 4_000_000, 50_000)
    const gathered = stream(family, GATHERING, 4_000_000, 50_000)
    expect(copied.peer.device.gathered).toBe(0)
    expect(gathered.peer.device.gathered).toBeGreaterThan(10)
    expect(gathered.peer.device.wrapped).toBeGreaterThan(2)
    expect(gathered.peer.stack.tcp.counters).toEqual(copied.peer.stack.tcp.counters)
    expect(gathered.peer.stack.tcp.counters.retransmits).toBeGreaterThan(0)
    expect(gathered.offloads).toEqual(copied.offloads)
    expect(gathered.frames.length).toBe(copied.frames.length)
    for (const [i, frame] of gathered.frames.entries()) expect(same(frame, copied.frames[i] as Uint8Array)).toBe(true)
  })

  test('short segments are copied', () => {
    const { peer } = stream(family, GATHERING, 10_000, 6000)
    expect(peer.device.gathered).toBe(0)
  })

  test('a device that has taken over the features of another, and cannot gather itself, is given whole frames', () => {
    const peer = new Peer({ family, features: GATHERING })
    const around = new ScriptDevice('ip', family.mtu, peer.device.features)
    Object.defineProperty(around, 'transmitGathered', { value: undefined })
    peer.link.close()
    const link = peer.attach(around, 'eth1')
    expect(link.gathers).toBe(false)
    expect(peer.link.gathers).toBe(true)
  })
})
