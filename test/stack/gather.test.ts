// Where a packet whose payload lies elsewhere must lie in one piece, it is made whole.

import { expect, test } from 'vitest'
import { ByteRing, RingSpan } from '../../src/base/byte-ring.ts'
import { IPPROTO_TCP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { CHECKSUM_PARTIAL, type DeviceFeatures, Offload, SEGMENT_NONE, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { FRAME_HEADROOM, ipOutput } from '../../src/stack/ip/ip-output.ts'
import type { Route } from '../../src/stack/ip/route.ts'
import { OneStack, octets, PEER } from './one-stack.ts'
import { OneStack6, PEER as PEER6 } from './one-stack6.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

const GATHERING: DeviceFeatures = { checksum: true, largeSegment: 65535, gather: true }
const HEADER = 20
/** 192.0.2.2 tells its hardware address. */
const ANSWER = hex(
  '02 00 00 00 00 01 02 00 00 00 00 02 08 06 00 01 08 00 06 04 00 02 02 00 00 00 00 02 c0 00 02 02 02 00 00 00 00 01 c0 00 02 01',
)
const LENGTH = 4000

/** A ring of 8192 octets, whose 4000 lie over its end. */
function span(): RingSpan {
  const ring = new ByteRing()
  ring.write(new Uint8Array(8192), 0, 8192)
  ring.drop(6000)
  ring.write(octets(LENGTH), 0, LENGTH)
  const lent = new RingSpan()
  ring.lend(8192 - 6000, LENGTH, lent)
  return lent
}

/** Sends a segment of 4000 octets, its payload in the frame or elsewhere; what the device got, and with which word on it. */
function sent(host: OneStack | OneStack6, to: string, elsewhere: boolean, large: boolean): string[] {
  const { stack, device } = host
  const { frame } = stack
  frame.fill(0xee)
  const start = FRAME_HEADROOM
  const end = start + HEADER + LENGTH
  frame.fill(7, start, start + HEADER)
  const offload = new Offload()
  offload.checksum = CHECKSUM_PARTIAL
  offload.checksumOffset = 16
  offload.headerLength = HEADER
  offload.segment = large ? SEGMENT_TCP4 : SEGMENT_NONE
  offload.segmentSize = large ? 1000 : 0
  if (elsewhere) offload.payload = span()
  else frame.set(octets(LENGTH), start + HEADER)
  const destination = IpAddress.parse(to) as IpAddress
  const route = stack.routeTo(destination, null, null) as Route
  expect(ipOutput(stack, route, IPPROTO_TCP, 64, 0, false, frame, start, end, offload)).toBe(0)
  const { offloads } = device
  return device.take().map((packet, i) => `${toHex(packet)} ${offloads[i]?.checksum} ${offloads[i]?.payload}`)
}

const ethernet = () => new OneStack({}, new ScriptDevice('ethernet', 1500, GATHERING))
const over4 = (features: DeviceFeatures) => new OneStack({}, new ScriptDevice('ip', 1500, features))
const over6 = (features: DeviceFeatures) => new OneStack6({}, new ScriptDevice('ip', 1500, features))
const COPYING = { ...GATHERING, gather: false }
const SUMMING = { checksum: false, largeSegment: 65535, gather: true }

test.each([
  ['a large segment: sent from where it lies', () => over4(GATHERING), PEER, true, 1],
  ['a large segment of IPv6', () => over6(GATHERING), PEER6, true, 1],
  ['on a device that does not gather it is whole', () => over4(COPYING), PEER, true, 0],
  ['on one that completes no checksums it is whole, and summed', () => over4(SUMMING), PEER, true, 0],
  ['one that is cut into fragments', () => over4(GATHERING), PEER, false, 0],
  ['one that is cut into fragments of IPv6', () => over6(GATHERING), PEER6, false, 0],
  ['one to a group, which others on this host may hear', () => over4(GATHERING), '224.0.1.7', true, 0],
] as const)('%s', (_, host, to, large, gathered) => {
  const other = host()
  const packets = sent(other, to, true, large)
  expect(other.device.gathered).toBe(gathered)
  expect(packets).toEqual(sent(host(), to, false, large))
  expect(packets.length).toBe(large ? 1 : 3)
})

test('one that waits for the hardware address of its neighbour is kept whole', () => {
  const after = (elsewhere: boolean) => {
    const host = ethernet()
    sent(host, PEER, elsewhere, true)
    host.stack.frame.fill(0xdd)
    host.device.deliver(ANSWER)
    expect(host.device.gathered).toBe(0)
    return host.device.take().map(toHex)
  }
  const frames = after(true)
  expect(frames).toEqual(after(false))
  expect(frames.length).toBe(1)
})
