import { describe, expect, it } from 'vitest'
import { DrillSocket } from '../../src/drill/drill-socket.ts'
import { buildPacket, UnbuildablePacket } from '../../src/drill/packet-builder.ts'
import { difference, joined } from '../../src/drill/packet-matcher.ts'
import { inScript, readPacket, type SeenPacket } from '../../src/drill/packet-reader.ts'
import { parseScript } from '../../src/drill/parser.ts'
import type { PacketAction } from '../../src/drill/script.ts'

// The script's side and the stack's, the other way round here: what is built for one is read back as the other's.
const ADDRESSES = { local: 0xc0a80001 | 0, remote: 0xc0000201 | 0, prefixLength: 16, bindPort: 8080, connectPort: 8080 }

function packetOf(text: string): PacketAction {
  return parseScript(`0 ${text}`, 'test.pkt').events[0]?.action as PacketAction
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
})

describe('packet: what no stack may send', () => {
  const good = build('< P. 1:5(4) ack 1 win 3')
  it.each<[string, number, number]>([
    ['no IPv4 header', 0, 0x65],
    ['IP header length 16', 0, 0x44],
    ['IP total length 45 of 44 octets', 3, 45],
    ['wrong IP header checksum', 8, 9],
    ['wrong TCP checksum', 43, 1],
  ])('%s', (message, at, value) => {
    const bytes = good.slice()
    bytes[at] = value
    expect(() => readPacket({ bytes, at: 0 })).toThrow(message)
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
