// Read first: RFC 1035 section 3.3, RFC 2782, RFC 3597. Records to and from the codec, one at a time.

import * as codec from '@dnsquery/dns-packet'
import { read32 } from '../../base/bytes.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { isDomainName } from './domain-name.ts'
import type { MxRecord, ResourceRecord, SoaRecord, SrvRecord } from './message.ts'
import {
  MessageError,
  type RecordBounds,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_DNAME,
  TYPE_MX,
  TYPE_NS,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
  TYPE_TXT,
} from './message-bounds.ts'
import { typeName, typeNumber } from './record-type.ts'

/** Codecs tell how far they have read in a property of the function that has read. */
function octetsRead(decode: unknown): number {
  return (decode as { readonly bytes: number }).bytes
}

// What the codec reads is held to where the data ends.
function decodeData<T>(part: codec.Codec<T>, bytes: Uint8Array, { dataStart, end }: RecordBounds): T {
  const data = part.decode(bytes.subarray(0, end), dataStart - 2)
  if (octetsRead(part.decode) !== end - dataStart + 2) throw new MessageError("a record's data has another length")
  return data
}

/** The record that lies in `bounds`. Throws a MessageError, or whatever the codec throws. */
export function decodeRecord(bytes: Uint8Array, bounds: RecordBounds): ResourceRecord {
  const { start, type, ttl, dataStart, end } = bounds
  const owned = { name: codec.name.decode(bytes, start), type: typeName(type), class: bounds.class, ttl }
  switch (type) {
    case TYPE_A:
      return { ...owned, kind: 'address', data: IpAddress.v4(read32(bytes, dataStart)) }
    case TYPE_AAAA: {
      const word = (i: number) => read32(bytes, dataStart + 4 * i)
      return { ...owned, kind: 'address', data: new IpAddress(word(0), word(1), word(2), word(3)) }
    }
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
    case TYPE_DNAME:
      return { ...owned, kind: 'name', data: codec.name.decode(bytes, dataStart) }
    case TYPE_SOA:
      return { ...owned, kind: 'soa', data: decodeData(codec.soa, bytes, bounds) as SoaRecord['data'] }
    case TYPE_MX:
      return { ...owned, kind: 'mx', data: decodeData(codec.mx, bytes, bounds) as MxRecord['data'] }
    case TYPE_SRV:
      return { ...owned, kind: 'srv', data: decodeData(codec.srv, bytes, bounds) as SrvRecord['data'] }
    case TYPE_TXT:
      return { ...owned, kind: 'text', data: decodeData(codec.txt, bytes, bounds) }
    default:
      return { ...owned, kind: 'other', data: bytes.slice(dataStart, end) }
  }
}

export function checkName(name: string): string {
  if (!isDomainName(name)) throw new RangeError(`${JSON.stringify(name)} cannot be a domain name`)
  return name
}

type CodecType = codec.RecordType

export function typeText(type: string): CodecType {
  return `UNKNOWN_${typeNumber(type)}` as CodecType
}

// To the codec's shape. What it has no name for goes as octets.
export function encodable(record: ResourceRecord): codec.Answer {
  const owned = { name: checkName(record.name), ttl: record.ttl, class: 'IN' as const }
  if (record.class !== 1) throw new RangeError(`class must be 1 (IN), got ${record.class}`)
  switch (record.kind) {
    case 'address':
      return { ...owned, type: record.data.isV4 ? 'A' : 'AAAA', data: record.data.toString() }
    case 'name':
      return { ...owned, type: record.type as 'NS', data: checkName(record.data) }
    case 'soa':
      checkName(record.data.mname)
      checkName(record.data.rname)
      return { ...owned, type: 'SOA', data: record.data }
    case 'mx':
      checkName(record.data.exchange)
      return { ...owned, type: 'MX', data: record.data }
    case 'srv':
      checkName(record.data.target)
      return { ...owned, type: 'SRV', data: record.data }
    case 'text':
      return { ...owned, type: 'TXT', data: [...record.data] }
    case 'other':
      return { ...owned, type: typeText(record.type), data: record.data } as unknown as codec.Answer
  }
}
