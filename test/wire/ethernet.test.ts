import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EthernetHeader, hardwareMulticastLow, readEthernet, writeEthernet } from '../../src/wire/ethernet.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint16 = fc.integer({ min: 0, max: 0xffff })

test('Ethernet: the fields lie where IEEE 802.3 puts them', () => {
  const bytes = new Uint8Array(14)
  writeEthernet(bytes, 0, 0x0102, 0x03040506, 0x0a0b, 0x0c0d0e0f, 0x0800)
  expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 8, 0])
})

test('Ethernet: what was written is read', () => {
  fc.assert(
    fc.property(uint16, int32, uint16, int32, uint16, (high, low, fromHigh, fromLow, type) => {
      const bytes = new Uint8Array(20)
      writeEthernet(bytes, 3, high, low, fromHigh, fromLow, type)
      const header = new EthernetHeader()
      expect(readEthernet(header, bytes, 3, 17)).toBe(true)
      expect(header).toEqual({
        destinationHigh: high,
        destinationLow: low,
        sourceHigh: fromHigh,
        sourceLow: fromLow,
        type,
      })
    }),
  )
})

test('Ethernet: a frame shorter than its header is none', () => {
  expect(readEthernet(new EthernetHeader(), new Uint8Array(20), 0, 13)).toBe(false)
})

test('Ethernet: a group takes the low-order 23 bits of its address (RFC 1112 section 6.4)', () => {
  // 239.129.1.2
  expect(hardwareMulticastLow(0xef810102 | 0)).toBe(0x5e010102)
})
