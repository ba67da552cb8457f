// RFC 768: a computed zero is sent as all ones. RFC 9293 section 3.1 has no such exception, and RFC 1624 section 3 tells the two zeros apart.

import { expect, it } from 'vitest'
import { read16, write16 } from '../../src/base/bytes.ts'
import { completeChecksum } from '../../src/device/complete-checksum.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, Offload } from '../../src/device/device.ts'

/** A header whose words sum to all ones, so that their checksum is 0. */
function summedToAllOnes(checksumOffset: number): { bytes: Uint8Array; offload: Offload } {
  const bytes = new Uint8Array(20)
  write16(bytes, 0, 0x1234)
  write16(bytes, checksumOffset, 0xedcb)
  const offload = new Offload()
  offload.checksum = CHECKSUM_PARTIAL
  offload.checksumStart = 0
  offload.checksumOffset = checksumOffset
  return { bytes, offload }
}

it.each([
  ['UDP', 6, 0xffff],
  ['TCP', 16, 0],
  ['ICMPv6', 2, 0],
])('of %s a checksum of zero is stored as it is to be', (_, offset, stored) => {
  const { bytes, offload } = summedToAllOnes(offset)
  completeChecksum(bytes, 0, bytes.length, offload)
  expect(read16(bytes, offset)).toBe(stored)
  expect(offload.checksum).toBe(CHECKSUM_NONE)
})
