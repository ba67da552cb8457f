import { describe, expect, it } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import type { DrillAddresses } from '../../src/drill/drill-addresses.ts'
import { DrillSocket } from '../../src/drill/drill-socket.ts'
import type { IpVersion } from '../../src/drill/ip-version.ts'
import { buildPacket, UnbuildablePacket } from '../../src/drill/packet-builder.ts'
import { difference, joined } from '../../src/drill/packet-matcher.ts'
import { inScript, readPacket, type SeenPacket } from '../../src/drill/packet-reader.ts'
import { parseScript } from '../../src/drill/parser.ts'
import type { PacketAction } from '../../src/drill/script.ts'

// The script's side and the stack's, the other way round here: what is built for one is read back as the other's.
function between(local: string, remote: string): DrillAddresses {
  const [ours, theirs] = [IpAddress.parse(local) as IpAddress, IpAddress.parse(remote) as IpAddress] // they are addresses
  return { local: ours, remote: theirs, prefixLength: 16, bindPort: 8080, connectPort: 8080 }
}

const ADDRESSES = between('192.168.0.1', '192.0.2.1')
const ADDRESSES6 = between('2001:db8::1', '2001:db8::2')

function packetOf(text: string, ipVersion: IpVersion = 'ipv4'): PacketAction {
  return parseScript(`0 ${text}`, 'test.pkt', { ipVersion }).events[0]?.action as PacketAction
}

function socket(protocol: 'tcp' | 'udp' = 'tcp'): DrillSocket {
  const made = new DrillSocket(protocol)
  made.localPort = 8080
  made.remotePort = 40000
  return made
}

function build(text: string, at = socket()): Uint8Array {
  return buildPacket(packetOf(text), at, ADDRESSES, false)
}

function build6(text: string, at = socket()): Uint8Array {
  return buildPacket(packetOf(text, 'ipv6'), at, ADDRESSES6, false)
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

describe('packet: octets', () => {
  it('a SYN with options, checksums included (RFC 791 3.1, RFC 9293 3.1)', () => {
    const bytes = build('< S 7:7(0) win 65535 <mss 1460,sackOK,nop,nop>')
    expect(hex(bytes)).toBe(
      [
        '45 00 00 30 00 00 40 00 ff 06 f9 1c', // length 48, DF, TTL 255, TCP
        'c0 00 02 01 c0 a8 00 01',
        '9c 40 1f 90 00 00 00 07 00 00 00 00', // ports 40000 and 8080
        '70 02 ff ff 44 9d 00 00',
        '02 04 05 b4 04 02 01 01',
      ].join(' '),
    )
  })

  it('a UDP datagram of zeros (RFC 768)', () => {
    expect(hex(build('< udp (3)', socket('udp')))).toBe(
      '45 00 00 1f 00 00 40 00 ff 11 f9 22 c0 00 02 01 c0 a8 00 01 9c 40 1f 90 00 0b c1 5c 00 00 00',
    )
  })

  it('sequence numbers, SACK edges and timestamps go from the script to the wire and back', () => {
    const at = socket()
    at.learnRemoteIsn(100)
    at.learnLocalIsn(0, 0x7fffff00)
    at.learnTimestamp(1000, 0xfffffff0 | 0)
    const text = '< P. 1:11(10) ack 501 win 3 <nop,nop,TS val 5 ecr 1000,nop,nop,sack 1001:2001>'
    const seen = readPacket({ bytes: build(text, at), at: 0 })
    expect(seen.transport).toMatchObject({ seq: 101, ack: 0x7fffff00 + 501 })
    expect(JSON.stringify(seen.transport)).toContain(`"ecr":${0xfffffff0}`)
    expect(JSON.stringify(seen.transport)).toContain(`[${0x7fffff00 + 1001},${(0x7fffff00 + 2001) >>> 0}]`)
    const mirrored = socket()
    mirrored.learnLocalIsn(100, 100)
    mirrored.learnRemoteIsn(0x7fffff00)
    const back = inScript(seen, mirrored)
    expect(back.transport).toMatchObject({ seq: 1, ack: 501 })
    expect(JSON.stringify(back.transport)).toContain('[1001,2001]')
  })

  it('an ICMP error quotes the header and 8 octets of a segment of the stack', () => {
    const at = socket()
    at.learnLocalIsn(0, 0x01020304)
    const bytes = build('< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]', at)
    expect(hex(bytes.subarray(20, 28))).toMatch(/^03 04 .. .. 00 00 04 b0$/)
    expect(hex(bytes.subarray(28, 32))).toBe('45 00 05 dc')
    expect(hex(bytes.subarray(40))).toBe('c0 a8 00 01 c0 00 02 01 1f 90 9c 40 01 02 03 05')
    expect(() => build('< icmp unreachable host_unreachable [1:1(0)]')).toThrow(UnbuildablePacket)
  })

  it('a SYN over IPv6: traffic class, flow label, hop limit, and a checksum with its addresses (RFC 8200 3, 8.1)', () => {
    const bytes = build6('< [tos 0x12, ttl 7, flowlabel 0xabcde] S 7:7(0) win 65535 <mss 1460,sackOK,nop,nop>')
    expect(hex(bytes)).toBe(
      [
        '61 2a bc de 00 1c 06 07', // 28 octets of TCP
        '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02',
        '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01',
        '9c 40 1f 90 00 00 00 07 00 00 00 00', // ports 40000 and 8080
        '70 02 ff ff 6b d3 00 00',
        '02 04 05 b4 04 02 01 01',
      ].join(' '),
    )
  })

  it('a UDP datagram over IPv6 (RFC 8200 8.1)', () => {
    expect(hex(build6('< udp (3)', socket('udp')).subarray(40))).toBe('9c 40 1f 90 00 0b e8 92 00 00 00')
  })

  it('"packet too big" has an MTU of 32 bits, and quotes the header and 8 octets (RFC 4443 3.2)', () => {
    const at = socket()
    at.learnLocalIsn(0, 0x01020304)
    const bytes = build6('< icmp packet_too_big mtu 70000 [1:1461(1460)]', at)
    expect(hex(bytes.subarray(40, 48))).toMatch(/^02 00 .. .. 00 01 11 70$/)
    expect(hex(bytes.subarray(48, 56))).toBe('60 00 00 00 05 c8 06 ff')
    expect(hex(bytes.subarray(88))).toBe('1f 90 9c 40 01 02 03 05')
    // The checksum covers the addresses, other than that of ICMP: RFC 4443 section 2.3.
    expect(readPacket({ bytes, at: 0 }).transport).toMatchObject({ version: 6, type: 2, mtu: 70_000 })
  })
})

describe('packet: what no stack may send', () => {
  const good = build('< P. 1:5(4) ack 1 win 3')
  it.each<[string, number, number]>([
    ['no IP header', 0, 0x55],
    ['IP header length 16', 0, 0x44],
    ['IP total length 45 of 44 octets', 3, 45],
    ['wrong IP header checksum', 8, 9],
    ['wrong TCP checksum', 43, 1],
  ])('%s', (message, at, value) => {
    const bytes = good.slice()
    bytes[at] = value
    expect(() => readPacket({ bytes, at: 0 })).toThrow(message)
  })

  const good6 = build6('< P. 1:5(4) ack 1 win 3')
  it.each<[string, number, number]>([
    ['IPv6 payload length 25 of 24 octets', 5, 25],
    ['wrong TCP checksum', 39, 9],
    ['wrong TCP checksum', 63, 1],
    ['a fragment', 6, 44],
    ['an extension header cut short', 6, 0],
    ['protocol 1', 6, 1],
  ])('over IPv6: %s', (message, at, value) => {
    const bytes = good6.slice()
    bytes[at] = value
    expect(() => readPacket({ bytes, at: 0 })).toThrow(message)
  })

  it('over IPv6: a datagram without a checksum (RFC 8200 8.1)', () => {
    const bytes = build6('< udp (3)', socket('udp'))
    bytes[46] = 0
    bytes[47] = 0
    expect(() => readPacket({ bytes, at: 0 })).toThrow('wrong UDP checksum')
    const bytes4 = build('< udp (3)', socket('udp'))
    bytes4[26] = 0
    bytes4[27] = 0
    expect(readPacket({ bytes: bytes4, at: 0 }).transport).toMatchObject({ protocol: 'udp', length: 3 })
  })

  it('what stands behind extension headers is read (RFC 8200 4)', () => {
    const bytes = new Uint8Array([...good6.subarray(0, 40), 6, 0, 5, 2, 0, 0, 1, 0, ...good6.subarray(40)])
    bytes[5] = 32
    bytes[6] = 0
    expect(readPacket({ bytes, at: 0 }).transport).toMatchObject({ protocol: 'tcp', length: 4, window: 3 })
  })

  it('what is sound is read', () => {
    expect(readPacket({ bytes: good, at: 5 })).toMatchObject({ at: 5, tos: 0, ttl: 255, zeros: true })
  })
})

describe('packet: payload', () => {
  it('octets other than zero differ', () => {
    const seen = readPacket({ bytes: build('< P. 1:5(4) ack 1 win 3'), at: 0 })
    const expected = packetOf('> P. 1:5(4) ack 1')
    expect(difference(expected, seen, { timestampEchoes: false })).toBe(null)
    expect(difference(expected, { ...seen, zeros: false }, { timestampEchoes: false })).toBe(
      'payload: expected zeros, seen other octets',
    )
  })
})

describe('packet: segments that are joined', () => {
  const seen = (text: string): SeenPacket => readPacket({ bytes: build(`< ${text} win 3`), at: 0 })

  it('contiguous ones of equal length, the last shorter', () => {
    const first = seen('. 1:101(100) ack 1')
    const merged = joined(first, seen('P. 101:151(50) ack 1'), 100)
    expect(merged?.transport).toMatchObject({ seq: 1, length: 150, flags: 0x18 })
    expect(joined(merged as SeenPacket, seen('P. 151:251(100) ack 1'), 100)).toBe(null)
  })

  it.each([
    ['a gap', 'P. 102:202(100) ack 1'],
    ['a longer one', 'P. 101:301(200) ack 1'],
    ['none', '. 101:101(0) ack 1'],
    ['another acknowledgment', 'P. 101:201(100) ack 2'],
    ['another flag', 'P.E 101:201(100) ack 1'],
  ])('%s is not joined', (_, text) => {
    expect(joined(seen('. 1:101(100) ack 1'), seen(text), 100)).toBe(null)
  })

  it('nothing follows a FIN', () => {
    expect(joined(seen('F. 1:101(100) ack 1'), seen('. 101:201(100) ack 1'), 100)).toBe(null)
  })
})
