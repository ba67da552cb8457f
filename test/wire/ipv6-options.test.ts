import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  Ipv6Options,
  OPTIONS_ACCEPT,
  OPTIONS_DISCARD,
  OPTIONS_REPORT,
  OPTIONS_REPORT_UNICAST,
  readIpv6Options,
  writeIpv6Padding,
  writeRouterAlertHeader,
} from '../../src/wire/ipv6-options.ts'
import { hex, octets } from '../device/recorder.ts'

/** `text` follows the two octets that the header begins with, four octets into the buffer. */
function read(text: string): Ipv6Options | string {
  const bytes = octets(`ee ee ee ee 3a 00 ${text} ff 05 02`)
  const options = new Ipv6Options()
  return readIpv6Options(options, bytes, 4, bytes.length - 3) ? options : `malformed at ${options.pointer - 4}`
}

test.each([
  ['nothing', '', { count: 0 }],
  ['Pad1', '00 00 00 00 00 00', { count: 0 }],
  ['PadN', '01 04 00 00 00 00', { count: 0 }],
  ['several that may be skipped', '1e 00 00 1e 00 3e 00 01 00', { count: 3 }],
  ['a router alert (RFC 2711)', '05 02 00 00 01 00', { routerAlert: 0 }],
  ['a router alert for something else', '05 02 12 34 00 00', { routerAlert: 0x1234 }],
  ['an unknown option of action 00', '1e 04 00 00 00 00', {}],
  ['an unknown option that may change on the way', '3e 04 00 00 00 00', {}],
  ['one of action 01', '5e 04 00 00 00 00', { action: OPTIONS_DISCARD, pointer: 6 }],
  ['one of action 10', '00 9e 03 00 00 00', { action: OPTIONS_REPORT, pointer: 7 }],
  ['one of action 11', '01 00 de 02 00 00', { action: OPTIONS_REPORT_UNICAST, pointer: 8 }],
  ['the first of several decides', '5e 00 9e 00 de 00', { action: OPTIONS_DISCARD, pointer: 6 }],
  ['what stands behind it is not looked at', '5e 00 05 09 de 00', { action: OPTIONS_DISCARD, pointer: 6 }],
  [
    'a jumbo payload (RFC 2675)',
    'c2 04 00 01 00 00',
    { action: OPTIONS_REPORT_UNICAST, pointer: 6, jumboPayload: 65536 },
  ],
])('options: %s (RFC 8200 section 4.2)', (_what, text, expected) => {
  const nothing = { action: OPTIONS_ACCEPT, pointer: -1, routerAlert: -1, jumboPayload: 0, count: 1 }
  expect(read(text)).toEqual({ ...nothing, ...expected })
})

test.each([
  ['a length beyond the header', '01 05 00 00 00 00', 2],
  ['a type without a length', '00 00 00 00 00 01', 7],
  ['a router alert of 3 octets', '05 03 00 00 00 00', 2],
  ['a router alert of 1 octet', '00 05 01 00 00 00', 3],
  ['a jumbo payload of 2 octets', 'c2 02 00 00 00 00', 2],
])('options: %s is malformed', (_what, text, at) => {
  expect(read(text)).toBe(`malformed at ${at}`)
})

test('options: any octets end the walk, inside their bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const options = new Ipv6Options()
      readIpv6Options(options, bytes, 0, bytes.length)
      expect(options.pointer).toBeLessThan(bytes.length)
      if (options.action !== OPTIONS_ACCEPT) expect(options.action).toBe((bytes[options.pointer] as number) >> 6)
    }),
  )
})

test.each([
  [0, 'ff ff ff ff'],
  [1, '00 ff ff ff'],
  [2, '01 00 ff ff'],
  [4, '01 02 00 00'],
])('padding of %i octets', (count, text) => {
  const bytes = new Uint8Array(4).fill(0xff)
  writeIpv6Padding(bytes, 0, count)
  expect(hex(bytes)).toBe(text)
})

test('a header with a router alert: its octets (RFC 2711 section 2.1)', () => {
  const bytes = new Uint8Array(8).fill(0xff)
  writeRouterAlertHeader(bytes, 0, 58, 0)
  expect(hex(bytes)).toBe('3a 00 05 02 00 00 01 00')
})
