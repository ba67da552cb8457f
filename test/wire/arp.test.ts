import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ARP_LENGTH, ARP_REQUEST, ArpPacket, readArp, writeArp } from '../../src/wire/arp.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint16 = fc.integer({ min: 0, max: 0xffff })

function request(): Uint8Array {
  const bytes = new Uint8Array(ARP_LENGTH)
  writeArp(bytes, 0, ARP_REQUEST, 0x0200, 1, 0xc0000201 | 0, 0, 0, 0xc0000202 | 0)
  return bytes
}

test('ARP: the fields lie where RFC 826 puts them', () => {
  const text = Array.from(request(), (octet) => octet.toString(16).padStart(2, '0')).join(' ')
  expect(text).toBe(
    ['00 01 08 00 06 04 00 01', '02 00 00 00 00 01 c0 00 02 01', '00 00 00 00 00 00 c0 00 02 02'].join(' '),
  )
})

test('ARP: what was written is read', () => {
  fc.assert(
    fc.property(uint16, uint16, int32, int32, uint16, int32, int32, (operation, high, low, ip, toHigh, toLow, toIp) => {
      const bytes = new Uint8Array(40)
      writeArp(bytes, 5, operation, high, low, ip, toHigh, toLow, toIp)
      const packet = new ArpPacket()
      expect(readArp(packet, bytes, 5, 40)).toBe(true)
      expect(packet).toEqual({
        operation,
        senderHardwareHigh: high,
        senderHardwareLow: low,
        senderProtocol: ip,
        targetHardwareHigh: toHigh,
        targetHardwareLow: toLow,
        targetProtocol: toIp,
      })
    }),
  )
})

test.each([
  ['a hardware type that is not Ethernet', 1, 7],
  ['a protocol that is not IPv4', 3, 6],
  ['a hardware length that is not 6', 4, 8],
  ['a protocol length that is not 4', 5, 16],
])('ARP: %s is not read', (_what, at, value) => {
  const bytes = request()
  bytes[at] = value
  expect(readArp(new ArpPacket(), bytes, 0, bytes.length)).toBe(false)
})

test('ARP: a packet that is cut short is not read, at any length', () => {
  for (let end = 0; end < ARP_LENGTH; end++) expect(readArp(new ArpPacket(), request(), 0, end)).toBe(false)
})
