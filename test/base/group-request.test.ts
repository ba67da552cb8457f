// Read first: RFC 3678 sections 4.1 and 5.1. The structs as gcc lays them out on x86-64.

import { describe, expect, test } from 'vitest'
import {
  decodeGroupFilter,
  decodeGroupRequest,
  encodeGroupFilter,
  encodeGroupRequest,
  groupFilterOf,
} from '../../src/base/group-request.ts'
import { decodePacketInfo, encodePacketInfo } from '../../src/base/packet-info.ts'
import { hex } from '../device/recorder.ts'

/** Octets up to the last that is not zero, and how many there are. */
function head(bytes: Uint8Array): string {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return `${hex(bytes, 0, end)} of ${bytes.length}`
}

describe('group requests', () => {
  const request = { group: '224.0.0.251', ifindex: 2, address: '192.0.2.1', source: '198.51.100.7' }
  const request6 = { group: 'ff02::fb', ifindex: 2, source: '2001:db8::7' }
  const zero = (count: number) => ' 00'.repeat(count)

  test.each([
    ['ip_mreqn', request, 'e0 00 00 fb c0 00 02 01 02 of 12'],
    ['ip_mreq_source', request, 'e0 00 00 fb c0 00 02 01 c6 33 64 07 of 12'],
    ['ipv6_mreq', request6, `ff 02${zero(13)} fb 02 of 20`],
    ['group_req', request, '02 00 00 00 00 00 00 00 02 00 00 00 e0 00 00 fb of 136'],
    ['group_req', request6, `02 00 00 00 00 00 00 00 0a${zero(7)} ff 02${zero(13)} fb of 136`],
    [
      'group_source_req',
      request,
      `02 00 00 00 00 00 00 00 02 00 00 00 e0 00 00 fb${zero(120)} 02 00 00 00 c6 33 64 07 of 264`,
    ],
  ] as const)('struct %s', (struct, what, octets) => {
    const bytes = encodeGroupRequest('X', struct, what)
    expect(head(bytes)).toBe(octets)
    const fields = decodeGroupRequest(struct, bytes)
    expect(String(fields?.group)).toBe(what.group)
    if (struct.includes('source')) expect(String(fields?.source)).toBe(what.source)
    if (struct !== 'ip_mreq_source') expect(fields?.ifindex).toBe(2)
    expect(decodeGroupRequest(struct, bytes.subarray(0, struct === 'ip_mreqn' ? 7 : bytes.length - 1))).toBeNull()
  })

  test('a struct ip_mreq is a struct ip_mreqn without a number', () => {
    const bytes = encodeGroupRequest('X', 'ip_mreqn', request).subarray(0, 8)
    expect(decodeGroupRequest('ip_mreqn', bytes)).toMatchObject({ ifindex: 0 })
  })

  test('a source of another family than the group makes it one of no family', () => {
    const bytes = encodeGroupRequest('X', 'group_source_req', { group: '224.0.0.251', source: '2001:db8::7' })
    expect(decodeGroupRequest('group_source_req', bytes)?.family).toBe(0)
  })

  test('what cannot be is named', () => {
    const encode = (what: unknown) => () => encodeGroupRequest('IP_ADD_MEMBERSHIP', 'ip_mreqn', what)
    expect(encode('224.0.0.1')).toThrow(new TypeError('IP_ADD_MEMBERSHIP must be an object, got "224.0.0.1"'))
    expect(encode({ group: 'all' })).toThrow(
      new TypeError('IP_ADD_MEMBERSHIP: group must be an IPv4 or IPv6 address, got "all"'),
    )
    expect(encode({ group: '224.0.0.1', ifindex: -1 })).toThrow(RangeError)
    expect(encode({ group: '224.0.0.1', interface: 'eth0' })).toThrow(/has no 'interface'/)
  })
})

describe('group filters', () => {
  const filter = { group: '224.0.0.251', address: '192.0.2.1', mode: 'include', sources: ['198.51.100.7'] } as const

  test('struct ip_msfilter', () => {
    const bytes = encodeGroupFilter('X', 'ip_msfilter', filter)
    expect(hex(bytes)).toBe('e0 00 00 fb c0 00 02 01 01 00 00 00 01 00 00 00 c6 33 64 07')
    const fields = decodeGroupFilter('ip_msfilter', bytes)
    expect(fields === null ? null : groupFilterOf(fields)).toEqual(filter)
    expect(decodeGroupFilter('ip_msfilter', bytes.subarray(0, 19))).toBeNull()
    expect(decodeGroupFilter('ip_msfilter', bytes.subarray(0, 19), true)?.sources).toEqual([])
  })

  test('struct group_filter', () => {
    const bytes = encodeGroupFilter('X', 'group_filter', { group: 'ff02::fb', ifindex: 2, sources: ['2001:db8::7'] })
    expect(bytes.length).toBe(144 + 128)
    // MCAST_EXCLUDE, and one source.
    expect(hex(bytes, 136, 146)).toBe('00 00 00 00 01 00 00 00 0a 00')
    const fields = decodeGroupFilter('group_filter', bytes)
    expect(fields === null ? null : groupFilterOf(fields)).toEqual({
      group: 'ff02::fb',
      ifindex: 2,
      mode: 'exclude',
      sources: ['2001:db8::7'],
    })
    expect(decodeGroupFilter('group_filter', bytes.subarray(0, 143))).toBeNull()
  })

  test('a count of sources that are not there is none (a struct that somebody forged)', () => {
    const bytes = encodeGroupFilter('X', 'group_filter', { group: 'ff02::fb' })
    bytes.fill(255, 140, 144)
    expect(decodeGroupFilter('group_filter', bytes)).toBeNull()
  })

  test('a mode that is none is named', () => {
    expect(() => encodeGroupFilter('X', 'group_filter', { group: 'ff02::fb', mode: 'all' })).toThrow(
      new TypeError("X: mode must be 'include' or 'exclude', got \"all\""),
    )
  })
})

test('struct in_pktinfo and in6_pktinfo', () => {
  const four = encodePacketInfo('X', { address: '192.0.2.1', ifindex: 3 }, false)
  expect(hex(four)).toBe('03 00 00 00 c0 00 02 01 00 00 00 00')
  const six = encodePacketInfo('X', { address: '2001:db8::1', ifindex: 3 }, true)
  expect(hex(six)).toBe('20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 03 00 00 00')
  expect(decodePacketInfo(six)).toEqual({ address: '2001:db8::1', ifindex: 3 })
})
