import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GroupRecord } from '../../src/wire/group-record.ts'
import {
  IGMP_LEAVE,
  IGMP_QUERY,
  IGMP_REPORT_V1,
  IGMP_REPORT_V2,
  IgmpMessage,
  readIgmp,
  writeIgmpQuery,
  writeIgmpRecord,
  writeIgmpReport,
  writeIgmpV2,
} from '../../src/wire/igmp.ts'
import { hex, octets } from '../device/recorder.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const GROUP = 0xe8010203 | 0

function read(text: string): IgmpMessage | null {
  const bytes = octets(text)
  const message = new IgmpMessage()
  return readIgmp(message, bytes, 0, bytes.length) ? message : null
}

test.each([
  ['version 1', '11 00 00 00 00 00 00 00', 1, 0],
  ['version 2', '11 64 00 00 00 00 00 00', 2, 10_000],
  ['version 2, its code not floating point', '11 ff 00 00 00 00 00 00', 2, 25_500],
  ['version 3', '11 64 00 00 00 00 00 00 02 7d 00 00', 3, 10_000],
  ['version 3, its code floating point', '11 ff 00 00 00 00 00 00 02 7d 00 00', 3, 3_174_400],
  ['version 3 without a time', '11 00 00 00 00 00 00 00 02 7d 00 00', 3, 0],
])('a query: %s is told by length and maximum response code (RFC 3376 section 7.1)', (_what, text, version, time) => {
  expect(read(text)).toMatchObject({ type: IGMP_QUERY, version, maxResponseTime: time })
})

test('a version 2 report and leave: their octets (RFC 2236 section 2)', () => {
  const bytes = new Uint8Array(10).fill(0xff)
  expect(writeIgmpV2(bytes, 1, IGMP_REPORT_V2, 0, GROUP)).toBe(9)
  expect(hex(bytes)).toBe('ff 16 00 00 00 e8 01 02 03 ff')
  expect(read(hex(bytes, 1, 9))).toMatchObject({ type: IGMP_REPORT_V2, version: 2, group: GROUP })
  writeIgmpV2(bytes, 1, IGMP_LEAVE, 0, GROUP)
  expect(read(hex(bytes, 1, 9))).toMatchObject({ type: IGMP_LEAVE, version: 2, group: GROUP })
  writeIgmpV2(bytes, 1, IGMP_REPORT_V1, 0, GROUP)
  expect(read(hex(bytes, 1, 9))).toMatchObject({ type: IGMP_REPORT_V1, version: 1, group: GROUP })
  writeIgmpV2(bytes, 1, IGMP_QUERY, 1_000_000, GROUP)
  expect(read(hex(bytes, 1, 9))).toMatchObject({ type: IGMP_QUERY, version: 2, maxResponseTime: 25_500 })
})

test('a version 3 query: its octets (RFC 3376 section 4.1)', () => {
  const bytes = new Uint8Array(20).fill(0xff)
  expect(writeIgmpQuery(bytes, 0, 10_000, GROUP, true, 2, 125, 2)).toBe(12)
  expect(hex(bytes, 0, 12)).toBe('11 64 00 00 e8 01 02 03 0a 7d 00 02')
  const message = new IgmpMessage()
  expect(readIgmp(message, bytes, 0, 20)).toBe(true)
  expect(message).toEqual({
    type: IGMP_QUERY,
    version: 3,
    maxResponseTime: 10_000,
    group: GROUP,
    suppress: true,
    robustness: 2,
    queryInterval: 125,
    count: 2,
    list: 12,
  })
  expect(readIgmp(message, bytes, 0, 19)).toBe(false)
  writeIgmpQuery(bytes, 0, 10_000, GROUP, false, 8, 125, 0)
  expect(bytes[8]).toBe(0)
})

test('a version 3 report: its octets (RFC 3376 section 4.2)', () => {
  const bytes = new Uint8Array(28).fill(0xff)
  const sources = writeIgmpRecord(bytes, writeIgmpReport(bytes, 0, 2), 6, GROUP, 1)
  expect(sources).toBe(16)
  bytes.set([192, 0, 2, 1], sources)
  expect(writeIgmpRecord(bytes, 20, 4, GROUP + 1, 0)).toBe(28)
  expect(hex(bytes)).toBe('22 00 00 00 00 00 00 02 06 00 00 01 e8 01 02 03 c0 00 02 01 04 00 00 00 e8 01 02 04')
})

test('a version 3 report: what was written is read, record by record', () => {
  const anyRecord = fc.record({ type: fc.nat(255), group: int32, sources: fc.array(int32, { maxLength: 5 }) })
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 6 }), (records) => {
      const bytes = new Uint8Array(512)
      const view = new DataView(bytes.buffer)
      let at = writeIgmpReport(bytes, 3, records.length)
      for (const { type, group, sources } of records) {
        at = writeIgmpRecord(bytes, at, type, group, sources.length)
        for (const source of sources) {
          view.setInt32(at, source)
          at += 4
        }
      }
      const message = new IgmpMessage()
      expect(readIgmp(message, bytes, 3, at)).toBe(true)
      expect(message.count).toBe(records.length)
      const record = new GroupRecord(4)
      record.begin(message.list, message.count, at)
      const seen = []
      while (record.next(bytes)) {
        const sources = []
        for (let i = 0; i < record.sourceCount; i++) sources.push(view.getInt32(record.sources + 4 * i))
        seen.push({ type: record.type, group: view.getInt32(record.group), sources })
      }
      expect(seen).toEqual(records)
      for (let end = 0; end < at; end++) expect(readIgmp(message, bytes, 3, end)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test('a record: auxiliary data is skipped (RFC 3376 section 4.2.10), and octets behind the last record are ignored', () => {
  const text = '22 00 00 00 00 00 00 02 01 01 00 00 e8 01 02 03 aa aa aa aa 02 00 00 00 e8 01 02 04 bb bb'
  const message = read(text)
  expect(message?.count).toBe(2)
  const record = new GroupRecord(4)
  const bytes = octets(text)
  record.begin(8, 2, bytes.length)
  expect(record.next(bytes)).toBe(true)
  expect(record).toMatchObject({ type: 1, start: 8, end: 20 })
  expect(record.next(bytes)).toBe(true)
  expect(record).toMatchObject({ type: 2, group: 24, start: 20, end: 28 })
  expect(record.next(bytes)).toBe(false)
})

test.each([
  ['nothing', ''],
  ['seven octets', '16 00 00 00 e8 01 02'],
  ['a query between 8 and 12 octets', '11 64 00 00 00 00 00 00 02 7d 00'],
  ['a query whose sources are not there', '11 64 00 00 00 00 00 00 02 7d 00 02 c0 00 02 01 c0 00 02'],
  ['a report whose second record is not there', '22 00 00 00 00 00 00 02 01 00 00 00 e8 01 02 03'],
  ['a record whose sources are not there', '22 00 00 00 00 00 00 01 01 00 00 01 e8 01 02 03'],
  ['a record whose auxiliary data is not there', '22 00 00 00 00 00 00 01 01 01 00 00 e8 01 02 03'],
  ['a record of 65535 sources', '22 00 00 00 00 00 00 01 01 ff ff ff e8 01 02 03'],
  ['DVMRP', '13 00 00 00 00 00 00 00'],
])('%s is not read', (_what, text) => {
  expect(read(text)).toBeNull()
})

test('a walk over records ends at one that does not fit', () => {
  const bytes = octets('01 00 00 00 e8 01 02 03 01 00 00 01 e8 01 02 03 c0 00 02')
  const record = new GroupRecord(4)
  record.begin(0, 2, bytes.length)
  expect(record.next(bytes)).toBe(true)
  expect(record.next(bytes)).toBe(false)
  expect(record).toMatchObject({ start: 0, end: 8, left: 1 })
})
