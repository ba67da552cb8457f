import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { GroupRecord } from '../../src/wire/group-record.ts'
import { ICMPV6_MLD_DONE, ICMPV6_MLD_QUERY, ICMPV6_MLD_REPORT_V1 } from '../../src/wire/icmpv6.ts'
import { readIpv6Address, writeIpv6Address } from '../../src/wire/ipv6.ts'
import { MldMessage, readMld, writeMldQuery, writeMldRecord, writeMldReport, writeMldV1 } from '../../src/wire/mld.ts'
import { hex, octets } from '../device/recorder.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const anyAddress = fc.tuple(int32, int32, int32, int32).map(([a, b, c, d]) => new IpAddress(a, b, c, d))

const GROUP = new IpAddress(0xff020000, 0, 0, 0x123)
const GROUP_HEX = 'ff 02 00 00 00 00 00 00 00 00 00 00 00 00 01 23'

function read(text: string): MldMessage | null {
  const bytes = octets(text)
  const message = new MldMessage()
  return readMld(message, bytes, 0, bytes.length) ? message : null
}

test('version 1 messages: their octets (RFC 2710 section 3)', () => {
  const bytes = new Uint8Array(26).fill(0xff)
  expect(writeMldV1(bytes, 1, ICMPV6_MLD_REPORT_V1, 0, GROUP)).toBe(25)
  expect(hex(bytes)).toBe(`ff 83 00 00 00 00 00 00 00 ${GROUP_HEX} ff`)
  expect(read(hex(bytes, 1, 25))).toMatchObject({ type: ICMPV6_MLD_REPORT_V1, version: 1, group: GROUP })
  writeMldV1(bytes, 1, ICMPV6_MLD_DONE, 0, GROUP)
  expect(read(hex(bytes, 1, 25))).toMatchObject({ type: ICMPV6_MLD_DONE, version: 1, group: GROUP })
  writeMldV1(bytes, 1, ICMPV6_MLD_QUERY, 0xfffe, GROUP)
  expect(read(hex(bytes, 1, 25))).toMatchObject({ type: ICMPV6_MLD_QUERY, version: 1, maxResponseTime: 0xfffe })
})

test('a version 2 query: its octets (RFC 3810 section 5.1)', () => {
  const bytes = new Uint8Array(60).fill(0xff)
  expect(writeMldQuery(bytes, 0, 10_000, GROUP, true, 2, 125, 2)).toBe(28)
  expect(hex(bytes, 0, 28)).toBe(`82 00 00 00 27 10 00 00 ${GROUP_HEX} 0a 7d 00 02`)
  const message = new MldMessage()
  expect(readMld(message, bytes, 0, 60)).toBe(true)
  expect(message).toEqual({
    type: ICMPV6_MLD_QUERY,
    version: 2,
    maxResponseTime: 10_000,
    group: GROUP,
    suppress: true,
    robustness: 2,
    queryInterval: 125,
    count: 2,
    list: 28,
  })
  for (let end = 0; end < 60; end++) expect(readMld(message, bytes, 0, end)).toBe(end === 24)
  writeMldQuery(bytes, 0, 65_536, GROUP, false, 8, 128, 0)
  expect([hex(bytes, 4, 6), hex(bytes, 24, 26)]).toEqual(['90 00', '00 80'])
})

test('a version 2 report: its octets (RFC 3810 section 5.2)', () => {
  const bytes = new Uint8Array(64).fill(0xff)
  const sources = writeMldRecord(bytes, writeMldReport(bytes, 0, 2), 6, GROUP, 1)
  expect(sources).toBe(28)
  writeIpv6Address(bytes, sources, new IpAddress(0x20010db8, 0, 0, 1))
  expect(writeMldRecord(bytes, 44, 4, GROUP, 0)).toBe(64)
  expect(hex(bytes)).toBe(
    [
      '8f 00 00 00 00 00 00 02',
      `06 00 00 01 ${GROUP_HEX}`,
      '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01',
      `04 00 00 00 ${GROUP_HEX}`,
    ].join(' '),
  )
})

test('a version 2 report: what was written is read, record by record', () => {
  const anyRecord = fc.record({
    type: fc.nat(255),
    group: anyAddress,
    sources: fc.array(anyAddress, { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
      const bytes = new Uint8Array(600)
      let at = writeMldReport(bytes, 3, records.length)
      for (const { type, group, sources } of records) {
        at = writeMldRecord(bytes, at, type, group, sources.length)
        for (const source of sources) {
          writeIpv6Address(bytes, at, source)
          at += 16
        }
      }
      const message = new MldMessage()
      expect(readMld(message, bytes, 3, at)).toBe(true)
      const record = new GroupRecord(16)
      record.begin(message.list, message.count, at)
      const seen = []
      while (record.next(bytes)) {
        const group = new IpAddress()
        readIpv6Address(group, bytes, record.group)
        const sources = []
        for (let i = 0; i < record.sourceCount; i++) {
          const source = new IpAddress()
          readIpv6Address(source, bytes, record.sources + record.addressLength * i)
          sources.push(source)
        }
        seen.push({ type: record.type, group, sources })
      }
      expect(seen).toEqual(records)
      for (let end = 0; end < at; end++) expect(readMld(message, bytes, 3, end)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['nothing', ''],
  ['a version 1 report that is cut short', `83 00 00 00 00 00 00 00 ${GROUP_HEX.slice(3)}`],
  ['a query between 24 and 28 octets (RFC 3810 section 8.1)', `82 00 00 00 27 10 00 00 ${GROUP_HEX} 02 7d 00`],
  ['a query whose source is not there', `82 00 00 00 27 10 00 00 ${GROUP_HEX} 02 7d 00 01 20 01`],
  ['a report whose second record is not there', `8f 00 00 00 00 00 00 02 01 00 00 00 ${GROUP_HEX}`],
  ['a record whose source is not there', `8f 00 00 00 00 00 00 01 01 00 00 01 ${GROUP_HEX} 20 01`],
  ['a record whose auxiliary data is not there', `8f 00 00 00 00 00 00 01 01 01 00 00 ${GROUP_HEX} aa`],
  ['another type', `85 00 00 00 00 00 00 00 ${GROUP_HEX}`],
])('%s is not read', (_what, text) => {
  expect(read(text)).toBeNull()
})

test('a record: auxiliary data is skipped, and octets behind the last record are ignored (RFC 3810 section 5.2.11)', () => {
  const text = `8f 00 00 00 00 00 00 02 01 01 00 00 ${GROUP_HEX} aa aa aa aa 02 00 00 00 ${GROUP_HEX} bb`
  expect(read(text)?.count).toBe(2)
  const bytes = octets(text)
  const record = new GroupRecord(16)
  record.begin(8, 2, bytes.length)
  expect(record.next(bytes) && record.next(bytes)).toBe(true)
  expect(record).toMatchObject({ type: 2, start: 32, end: 52 })
  expect(record.next(bytes)).toBe(false)
})
