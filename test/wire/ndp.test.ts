import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import {
  NeighbourMessage,
  RedirectMessage,
  RouterAdvertisement,
  readNeighbourMessage,
  readRedirect,
  readRouterAdvertisement,
  readRouterSolicitation,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
  writeRedirect,
  writeRouterAdvertisement,
  writeRouterSolicitation,
} from '../../src/wire/ndp.ts'
import { hex, octets } from '../device/recorder.ts'

function address(text: string): IpAddress {
  const parsed = IpAddress.parse(text)
  if (parsed === null) throw new TypeError(`no address: ${text}`)
  return parsed
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const anyAddress = fc.tuple(int32, int32, int32, int32).map(([a, b, c, d]) => new IpAddress(a, b, c, d))
const unicast = anyAddress.filter((value) => !value.isMulticast)

const LINK_LAYER = '01 01 02 00 00 00 00 01'
const SOLICITATION = `85 00 00 00  00 00 00 00  ${LINK_LAYER}`
const ADVERTISEMENT = `86 00 00 00  40 c8 07 08  00 00 75 30  00 00 03 e8  ${LINK_LAYER}`
const NEIGHBOUR = `87 00 00 00  00 00 00 00  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01  ${LINK_LAYER}`
const REDIRECT = `89 00 00 00  00 00 00 00
  fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
  ${LINK_LAYER}`

type Reader = (bytes: Uint8Array, start: number, end: number) => boolean

const readers: [string, string, number, Reader][] = [
  ['router solicitation', SOLICITATION, 8, readRouterSolicitation],
  ['router advertisement', ADVERTISEMENT, 16, (...at) => readRouterAdvertisement(new RouterAdvertisement(), ...at)],
  ['neighbour solicitation', NEIGHBOUR, 24, (...at) => readNeighbourMessage(new NeighbourMessage(), ...at)],
  ['redirect', REDIRECT, 40, (...at) => readRedirect(new RedirectMessage(), ...at)],
]

describe.each(readers)('a %s', (_name, text, length, read) => {
  const whole = octets(text)

  test('is read with an option and without', () => {
    expect(read(whole, 0, whole.length)).toBe(true)
    expect(read(whole, 0, length)).toBe(true)
  })

  test('that is cut short is not read, but where the cut leaves no option', () => {
    for (let end = 0; end < whole.length; end++) expect(read(whole, 0, end)).toBe(end === length)
  })

  test('with a code is not read (RFC 4861 sections 6.1, 7.1 and 8.1)', () => {
    const bytes = whole.slice()
    bytes[1] = 1
    expect(read(bytes, 0, bytes.length)).toBe(false)
  })

  test.each([0, 2, 255])('with an option of length %i units where there is one is not read', (units) => {
    const bytes = whole.slice()
    bytes[length + 1] = units
    expect(read(bytes, 0, bytes.length)).toBe(false)
  })

  test('with an option of unknown type is read (RFC 4861 section 4.6)', () => {
    const bytes = whole.slice()
    bytes[length] = 200
    expect(read(bytes, 0, bytes.length)).toBe(true)
  })
})

test('router solicitation: its octets (RFC 4861 section 4.1)', () => {
  const bytes = new Uint8Array(10).fill(0xff)
  expect(writeRouterSolicitation(bytes, 1)).toBe(9)
  expect(hex(bytes)).toBe('ff 85 00 00 00 00 00 00 00 ff')
})

test('router advertisement: its octets (RFC 4861 section 4.2, RFC 4191 section 2.2)', () => {
  const bytes = new Uint8Array(16).fill(0xff)
  expect(writeRouterAdvertisement(bytes, 0, 64, true, true, 1, 1800, 30000, 1000)).toBe(16)
  expect(hex(bytes)).toBe('86 00 00 00 40 c8 07 08 00 00 75 30 00 00 03 e8')
  writeRouterAdvertisement(bytes, 0, 0, false, true, -1, 0, 0, 0)
  expect(hex(bytes, 4, 8)).toBe('00 58 00 00')
})

test('router advertisement: what was written is read', () => {
  fc.assert(
    fc.property(
      fc.nat(255),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(-1 as const, 0 as const, 1 as const),
      fc.integer({ min: 1, max: 0xffff }),
      uint32,
      uint32,
      (hopLimit, managed, other, preference, lifetime, reachableTime, retransmitTime) => {
        const bytes = new Uint8Array(20)
        const times = [lifetime, reachableTime, retransmitTime] as const
        expect(writeRouterAdvertisement(bytes, 4, hopLimit, managed, other, preference, ...times)).toBe(20)
        const message = new RouterAdvertisement()
        expect(readRouterAdvertisement(message, bytes, 4, 20)).toBe(true)
        const options = 20
        const expected = { hopLimit, managed, other, preference, lifetime, reachableTime, retransmitTime, options }
        expect(message).toEqual(expected)
      },
    ),
  )
})

test.each([
  ['the reserved value', 0x10, 1800, 0],
  ['high, of no default router', 0x08, 0, 0],
  ['high', 0x08, 1800, 1],
  ['low', 0x18, 1800, -1],
])('router advertisement: a preference of %s (RFC 4191 section 2.2)', (_what, flags, lifetime, preference) => {
  const bytes = new Uint8Array(16)
  writeRouterAdvertisement(bytes, 0, 64, false, false, 0, lifetime, 0, 0)
  bytes[5] = flags
  const message = new RouterAdvertisement()
  expect(readRouterAdvertisement(message, bytes, 0, 16)).toBe(true)
  expect(message.preference).toBe(preference)
})

test('neighbour solicitation: its octets (RFC 4861 section 4.3)', () => {
  const bytes = new Uint8Array(24).fill(0xff)
  expect(writeNeighbourSolicitation(bytes, 0, address('2001:db8::1'))).toBe(24)
  expect(hex(bytes)).toBe('87 00 00 00 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01')
  const message = new NeighbourMessage()
  expect(readNeighbourMessage(message, bytes, 0, 24)).toBe(true)
  expect(message).toMatchObject({ router: false, solicited: false, override: false, options: 24 })
  expect(message.target.toString()).toBe('2001:db8::1')
})

test('neighbour solicitation: its reserved bits say nothing', () => {
  const bytes = new Uint8Array(24)
  writeNeighbourSolicitation(bytes, 0, address('2001:db8::1'))
  bytes.fill(0xff, 4, 8)
  const message = new NeighbourMessage()
  expect(readNeighbourMessage(message, bytes, 0, 24)).toBe(true)
  expect(message).toMatchObject({ router: false, solicited: false, override: false })
})

test('neighbour advertisement: what was written is read (RFC 4861 section 4.4)', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), fc.boolean(), unicast, (router, solicited, override, target) => {
      const bytes = new Uint8Array(30)
      expect(writeNeighbourAdvertisement(bytes, 6, router, solicited, override, target)).toBe(30)
      expect(bytes[6]).toBe(136)
      expect(bytes[10]).toBe((router ? 0x80 : 0) | (solicited ? 0x40 : 0) | (override ? 0x20 : 0))
      const message = new NeighbourMessage()
      expect(readNeighbourMessage(message, bytes, 6, 30)).toBe(true)
      expect(message).toEqual({ target, router, solicited, override, options: 30 })
    }),
  )
})

test('neighbour solicitation and advertisement about a multicast address are not read (RFC 4861 section 7.1)', () => {
  const bytes = new Uint8Array(24)
  writeNeighbourSolicitation(bytes, 0, address('ff02::1'))
  expect(readNeighbourMessage(new NeighbourMessage(), bytes, 0, 24)).toBe(false)
  writeNeighbourAdvertisement(bytes, 0, false, true, true, address('ff02::1'))
  expect(readNeighbourMessage(new NeighbourMessage(), bytes, 0, 24)).toBe(false)
})

test('redirect: its octets, and what was written is read (RFC 4861 section 4.5)', () => {
  const bytes = new Uint8Array(40).fill(0xff)
  expect(writeRedirect(bytes, 0, address('fe80::1'), address('2001:db8::2'))).toBe(40)
  expect(hex(bytes)).toBe(hex(octets(REDIRECT), 0, 40))
  const message = new RedirectMessage()
  expect(readRedirect(message, bytes, 0, 40)).toBe(true)
  expect([message.target, message.destination].map(String)).toEqual(['fe80::1', '2001:db8::2'])
  expect(message.options).toBe(40)
})

test.each([
  ['2001:db8::2', '2001:db8::2', true],
  ['febf::1', '2001:db8::2', true],
  ['fec0::1', '2001:db8::2', false],
  ['2001:db8::1', '2001:db8::2', false],
  ['fe80::1', 'ff02::1', false],
  ['ff02::1', 'ff02::1', false],
])('redirect: to %s for %s is read: %s (RFC 4861 section 8.1)', (target, destination, read) => {
  const bytes = new Uint8Array(40)
  writeRedirect(bytes, 0, address(target), address(destination))
  expect(readRedirect(new RedirectMessage(), bytes, 0, 40)).toBe(read)
})
