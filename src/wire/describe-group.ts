// Read first: RFC 3376 section 4, RFC 3810 section 5, tcpdump(1).

import { read16 } from '../base/bytes.ts'
import { checksumText, type Description, hexNumber, ipv4At, ipv6At } from './describe-layer.ts'
import { type DescribedPacket, endsText, expectedChecksum } from './describe-packet.ts'
import { GroupRecord } from './group-record.ts'
import { ICMPV6_MLD_QUERY, ICMPV6_MLD_REPORT_V2 } from './icmpv6.ts'
import {
  IGMP_LEAVE,
  IGMP_LENGTH,
  IGMP_QUERY,
  IGMP_QUERY_LENGTH,
  IGMP_REPORT_V1,
  IGMP_REPORT_V2,
  IGMP_REPORT_V3,
} from './igmp.ts'
import { decodeTimeCode8, decodeTimeCode16 } from './igmp-time-code.ts'
import { MLD_QUERY_LENGTH, MLD_REPORT_LENGTH, MLD_V1_LENGTH } from './mld.ts'

/** tcpdump's names of the types of records. */
const RECORDS = ['?', 'is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block']

const IGMP_TYPES = new Map([
  [IGMP_QUERY, 'query'],
  [IGMP_REPORT_V1, 'v1 report'],
  [IGMP_REPORT_V2, 'v2 report'],
  [IGMP_LEAVE, 'leave'],
  [IGMP_REPORT_V3, 'v3 report'],
])

/** "10.0.0.1 > 224.0.0.22: igmp v3 report, 1 group record(s)" */
export function igmpLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  if (at + IGMP_LENGTH > packet.capturedEnd) return `${endsText(packet)} igmp cut off`
  return `${endsText(packet)} igmp ${igmpText(bytes, packet, bytes[at] as number)}`
}

function igmpText(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  const length = packet.end - at
  const name = IGMP_TYPES.get(type)
  if (name === undefined) return `type ${hexNumber(type, 2)}, length ${length}`
  if (type === IGMP_REPORT_V3) return `${name}, ${read16(bytes, at + 6)} group record(s)`
  const group = ipv4At(bytes, at + 4)
  const rest = length === IGMP_LENGTH ? '' : ` [len ${length}]`
  if (type !== IGMP_QUERY) return `${name} ${group}${rest}`
  const code = bytes[at + 1] as number
  const asked = group === '0.0.0.0' ? '' : ` [gaddr ${group}`
  if (length < IGMP_QUERY_LENGTH) {
    // 10 s is what a querier asks for if it was told nothing else.
    const time = code === 0 || code === 100 ? '' : ` [max resp time ${code}]`
    return `query v${code === 0 ? 1 : 2}${time}${asked}${asked === '' ? '' : ']'}${rest}`
  }
  if (at + IGMP_QUERY_LENGTH > packet.capturedEnd) return 'query v3, cut off'
  const time = code === 100 ? '' : ` [max resp time ${tenthsText(decodeTimeCode8(code))}]`
  const sources = read16(bytes, at + 10)
  const of = sources === 0 ? '' : `, ${sources} source(s)`
  return `query v3${time}${asked === '' ? '' : `${asked}${of}]`}`
}

/** 10 → "1.0s", 3072 → "5m7s" */
function tenthsText(tenths: number): string {
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10}s`
  const rest = tenths % 600
  const seconds = rest === 0 ? '' : `${Math.floor(rest / 10)}s`
  return `${Math.floor(tenths / 600)}m${seconds}`
}

export function describeIgmp(into: Description, packet: DescribedPacket): void {
  const { bytes } = into
  const at = packet.payload
  const end = packet.capturedEnd
  if (at + IGMP_LENGTH > end) {
    into.cutOff('IGMP', at, end)
    return
  }
  const type = bytes[at] as number
  const isQueryV3 = type === IGMP_QUERY && packet.end - at >= IGMP_QUERY_LENGTH && at + IGMP_QUERY_LENGTH <= end
  const headEnd = at + (isQueryV3 ? IGMP_QUERY_LENGTH : IGMP_LENGTH)
  const code = bytes[at + 1] as number
  into.layer('IGMP', at, isQueryV3 ? end : headEnd)
  into.field('type', `${hexNumber(type, 2)} (${IGMP_TYPES.get(type) ?? 'unknown'})`, at, at + 1)
  if (type === IGMP_QUERY) {
    const tenths = isQueryV3 ? decodeTimeCode8(code) : code
    into.field('maximum response time', `${tenths * 100} ms`, at + 1, at + 2)
  }
  const expected = expectedChecksum(bytes, packet, at + 2, false)
  into.field('checksum', checksumText(read16(bytes, at + 2), expected), at + 2, at + 4)
  if (type === IGMP_REPORT_V3) {
    const count = read16(bytes, at + 6)
    into.field('group records', count, at + 6, at + 8)
    describeRecords(into, headEnd, count, end, 4)
    return
  }
  into.field('group address', ipv4At(bytes, at + 4), at + 4, at + 8)
  if (isQueryV3) describeQuery(into, at + 8, headEnd, end, 4)
  else into.data(headEnd, end)
}

/** What a line says of the Multicast Listener Discovery message at `at` behind its name. */
export function mldText(bytes: Uint8Array, type: number, at: number, end: number, capturedEnd: number): string {
  if (type === ICMPV6_MLD_REPORT_V2) return `, ${read16(bytes, at + 6)} group record(s)`
  if (at + MLD_V1_LENGTH > capturedEnd) return ', cut off'
  const group = ipv6At(bytes, at + 8)
  // tcpdump 4.99 leaves out the space in front.
  if (type !== ICMPV6_MLD_QUERY || end - at === MLD_V1_LENGTH) {
    return ` max resp delay: ${read16(bytes, at + 4)} addr: ${group}`
  }
  if (end - at < MLD_QUERY_LENGTH) return ` unknown-version (len ${end - at})`
  if (at + MLD_QUERY_LENGTH > capturedEnd) return ' v2, cut off'
  const sources = read16(bytes, at + 26)
  return ` v2 [gaddr ${group}${sources === 0 ? '' : `, ${sources} source(s)`}]`
}

/** Where the layer of the message at `at` ends: in front of the records of a report, behind the sources of a query. */
export function mldHeadEnd(type: number, at: number, end: number, capturedEnd: number): number {
  if (type === ICMPV6_MLD_REPORT_V2 || at + MLD_V1_LENGTH > capturedEnd) return at + MLD_REPORT_LENGTH
  return type === ICMPV6_MLD_QUERY && end - at >= MLD_QUERY_LENGTH ? capturedEnd : at + MLD_V1_LENGTH
}

/** Adds the fields of the message at `at` to its layer, and a layer for each record of a report. */
export function describeMld(into: Description, type: number, at: number, end: number, capturedEnd: number): void {
  const { bytes } = into
  if (type === ICMPV6_MLD_REPORT_V2) {
    const count = read16(bytes, at + 6)
    into.field('group records', count, at + 6, at + 8)
    describeRecords(into, at + MLD_REPORT_LENGTH, count, capturedEnd, 16)
    return
  }
  if (at + MLD_V1_LENGTH > capturedEnd) {
    into.data(at + MLD_REPORT_LENGTH, capturedEnd)
    return
  }
  const isQueryV2 = type === ICMPV6_MLD_QUERY && end - at >= MLD_QUERY_LENGTH && at + MLD_QUERY_LENGTH <= capturedEnd
  const headEnd = at + (isQueryV2 ? MLD_QUERY_LENGTH : MLD_V1_LENGTH)
  const code = read16(bytes, at + 4)
  into.field('maximum response time', `${isQueryV2 ? decodeTimeCode16(code) : code} ms`, at + 4, at + 6)
  into.field('group address', ipv6At(bytes, at + 8), at + 8, at + 24)
  if (isQueryV2) describeQuery(into, at + 24, headEnd, capturedEnd, 16)
  else into.data(headEnd, capturedEnd)
}

/** The four octets and the sources that only the newest queries have. */
function describeQuery(into: Description, at: number, list: number, end: number, addressLength: 4 | 16): void {
  const { bytes } = into
  const flags = bytes[at] as number
  into.field('suppress', (flags & 8) === 0 ? 'no' : 'yes', at, at + 1)
  into.field('robustness', flags & 7, at, at + 1)
  into.field('query interval', `${decodeTimeCode8(bytes[at + 1] as number)} s`, at + 1, at + 2)
  const count = read16(bytes, at + 2)
  into.field('sources', count, at + 2, at + 4)
  describeSources(into, list, count, end, addressLength)
}

function describeSources(into: Description, at: number, count: number, end: number, addressLength: 4 | 16): void {
  for (let i = 0; i < count; i++) {
    const source = at + i * addressLength
    if (source + addressLength > end) return
    into.field('source', addressText(into.bytes, source, addressLength), source, source + addressLength)
  }
}

function addressText(bytes: Uint8Array, at: number, addressLength: 4 | 16): string {
  return addressLength === 4 ? ipv4At(bytes, at) : ipv6At(bytes, at)
}

function describeRecords(into: Description, start: number, count: number, end: number, addressLength: 4 | 16): void {
  const record = new GroupRecord(addressLength)
  record.begin(start, count, end)
  while (record.next(into.bytes)) {
    into.layer('group record', record.start, record.end)
    const type = `${record.type} (${RECORDS[record.type] ?? '?'})`
    into.field('type', type, record.start, record.start + 1)
    into.field('group', addressText(into.bytes, record.group, addressLength), record.group, record.sources)
    describeSources(into, record.sources, record.sourceCount, record.end, addressLength)
  }
  if (record.end < end) into.cutOff(record.left > 0 ? 'group record' : 'data', record.end, end)
}
