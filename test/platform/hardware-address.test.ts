import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { randomHardwareAddress } from '../../src/platform/hardware-address.ts'

test('a random hardware address is individual and locally administered, and all its other bits vary (IEEE 802c)', () => {
  const random = new SeededRandom(3)
  const ones = new Uint8Array(6)
  const zeros = new Uint8Array(6)
  for (let i = 0; i < 200; i++) {
    randomHardwareAddress(random).forEach((octet, at) => {
      ones[at] = (ones[at] as number) | octet
      zeros[at] = (zeros[at] as number) | ~octet
    })
  }
  expect([...ones]).toEqual([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff])
  expect([...zeros]).toEqual([0xfd, 0xff, 0xff, 0xff, 0xff, 0xff])
  expect(randomHardwareAddress()).not.toEqual(randomHardwareAddress())
})
