import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeLayers, describeLine } from '../../src/wire/describe.ts'
import { readDhcp6, writeDhcp6 } from '../../src/wire/dhcp6.ts'
import {
  associationOctets,
  associationOf,
  domainListOf,
  ipv6AddressesOf,
  isDuid,
  requestedOf,
  statusOf,
} from '../../src/wire/dhcp6-values.ts'
import { hex, octets } from '../device/recorder.ts'

const ADDRESS = '20 01 0d b8 00 01 00 00  00 00 00 00 00 00 00 50'
const IAADDR = `00 05 00 18  ${ADDRESS}  00 00 03 e8  00 00 07 d0`

function read(text: string) {
  const bytes = octets(text)
  return readDhcp6(bytes, 0, bytes.length)
}

function association(text: string) {
  return associationOf(octets(text) as Uint8Array<ArrayBuffer>)
}

describe('a message (RFC 8415 section 8)', () => {
  test('type, number and options in their order, of which one may come twice; written as it was', () => {
    const text = '01 0a 0b 0c  00 01 00 03 00 03 01  00 08 00 02 00 00  00 08 00 02 00 01'
    const message = read(text)
    if (typeof message === 'string') throw new Error(message)
    expect([message.type, message.xid]).toEqual([1, 0x0a0b0c])
    expect(message.options.map(({ code, value }) => [code, hex(value)])).toEqual([
      [1, hex(octets('00 03 01'))],
      [8, hex(octets('00 00'))],
      [8, hex(octets('00 01'))],
    ])
    expect(hex(writeDhcp6(message))).toBe(hex(octets(text)))
  })

  test.each([
    ['01 0a 0b', 'too short'],
    ['00 0a 0b 0c', 'bad message type'],
    ['0c 00 00 00', 'bad message type'],
    ['0d 00 00 00', 'bad message type'],
    ['01 0a 0b 0c  00 01 00 04 00 03 01', 'options overrun'],
    ['01 0a 0b 0c  00 01 00', 'options overrun'],
    [`01 0a 0b 0c  ${'00 08 00 00 '.repeat(257)}`, 'options overrun'],
  ])('%s is none: %s', (text, fault) => {
    expect(read(text)).toBe(fault)
  })

  test('whatever the octets, reading does not throw, and what was read is written as the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const message = readDhcp6(bytes, 0, bytes.length)
        if (typeof message !== 'string') expect(hex(writeDhcp6(message))).toBe(hex(bytes))
        for (const { value } of typeof message === 'string' ? [] : message.options) {
          for (const reader of [associationOf, domainListOf, ipv6AddressesOf, requestedOf]) reader(value)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a capture', () => {
  const solicit = `01 3c 09 ed  00 01 00 03 00 03 01  00 0e 00 00  00 08 00 02 00 64  00 03 00 28  00 00 00 07  00 00 00 00  00 00 00 00 ${IAADDR}`

  /** A packet from a host's link-local address to all servers. */
  function packet(text: string): Uint8Array {
    const data = octets(text)
    const bytes = new Uint8Array(48 + data.length)
    bytes.set(octets(`60 00 00 00 ${hexLength(8 + data.length)} 11 ff  fe 80 ${'00 '.repeat(13)} 09`))
    bytes.set(octets(`ff 02 ${'00 '.repeat(11)} 01 00 02  02 22 02 23 ${hexLength(8 + data.length)} 00 00`), 24)
    bytes.set(data, 48)
    return bytes
  }

  function hexLength(length: number): string {
    return `${(length >>> 8).toString(16).padStart(2, '0')} ${(length & 255).toString(16).padStart(2, '0')}`
  }

  test('says what a message is, as tcpdump does, and what is in it', () => {
    const bytes = packet(solicit)
    expect(describeLine(bytes, 0, bytes.length, 'ip')).toContain(
      'fe80::9.546 > ff02::1:2.547: dhcp6 solicit (xid=3c09ed) (IA_ADDR 2001:db8:1::50)',
    )
    const layer = describeLayers(bytes, 0, bytes.length, 'ip').find((one) => one.layer === 'DHCPv6')
    expect(layer?.fields.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'msg-type solicit',
      'transaction-id 0x3c09ed',
      'option client-ID (1), length 3: 00.03.01',
      'option rapid-commit (14), length 0',
      'option elapsed-time (8), length 2: 100',
      'option IA_NA (3), length 40: IAID 7 T1 0 T2 0, 2001:db8:1::50 pltime 1000 vltime 2000',
    ])
  })

  test.each([
    ['01 3c', 'dhcp6, cut off', 'cut off 2 octets'],
    ['0c 00 00 00', 'dhcp6 relay-fwd', 'msg-type relay-fwd'],
    ['63 3c 09 ed  00 01 00 09', 'dhcp6 msgtype-99 (xid=3c09ed)', 'option bad option'],
  ])('%s is told as far as it goes', (text, line, last) => {
    const bytes = packet(text)
    expect(describeLine(bytes, 0, bytes.length, 'ip')).toContain(line)
    const layer = describeLayers(bytes, 0, bytes.length, 'ip').find((one) => one.layer === 'DHCPv6')
    expect(layer?.fields.map(({ name, value }) => `${name} ${value}`).at(-1)).toBe(last)
  })
})

describe('values of options', () => {
  test('an association with its address (sections 21.4 and 21.6)', () => {
    const found = association(`00 00 00 07  00 00 01 f4  00 00 03 20  ${IAADDR}`)
    expect(found).toMatchObject({ iaid: 7, t1: 500, t2: 800, status: 0 })
    expect(found?.addresses.map(({ address, preferred, valid }) => [`${address}`, preferred, valid])).toEqual([
      ['2001:db8:1::50', 1000, 2000],
    ])
    expect(hex(associationOctets(found as NonNullable<typeof found>))).toBe(
      hex(octets(`00 00 00 07  00 00 01 f4  00 00 03 20  ${IAADDR}`)),
    )
  })

  test.each([
    ['that ends within its times', '00 00 00 07  00 00 01 f4  00 00 03'],
    ['with an option that ends behind it', '00 00 00 07  00 00 01 f4  00 00 03 20  00 05 00 18 20 01'],
    ['with half a status', '00 00 00 07  00 00 01 f4  00 00 03 20  00 0d 00 01 00'],
  ])('an association %s is none', (_, text) => {
    expect(association(text)).toBeNull()
  })

  test.each([
    ['preferred for longer than valid', IAADDR.replace('00 00 03 e8', '00 00 0f a0')],
    ['that ends within its lifetimes', `00 05 00 16  ${ADDRESS}  00 00 03 e8  00 00`],
    ['with a status of its own', `00 05 00 1e  ${ADDRESS}  00 00 03 e8  00 00 07 d0  00 0d 00 02 00 04`],
  ])('an address %s is left out', (_, text) => {
    expect(association(`00 00 00 07  00 00 01 f4  00 00 03 20  ${text}`)?.addresses).toEqual([])
  })

  test('names are not compressed (section 10)', () => {
    expect(domainListOf(octets('03 6c 61 62 00  01 61 00'))).toEqual(['lab', 'a'])
    expect(domainListOf(octets('03 6c 61 62 00  01 61 c0 00'))).toBeNull()
    expect(domainListOf(octets('03 6c 61'))).toBeNull()
  })

  test('lists, identifiers and statuses that are none', () => {
    expect(ipv6AddressesOf(octets('20 01'))).toBeNull()
    expect(requestedOf(octets('00 17 00'))).toBeNull()
    expect([isDuid(octets('00 03')), isDuid(new Uint8Array(131)), isDuid(octets('00 03 01'))]).toEqual([
      false,
      false,
      true,
    ])
    expect(statusOf([{ code: 13, value: octets('00') as Uint8Array<ArrayBuffer> }])).toBeNull()
  })
})
