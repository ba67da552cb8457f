// No stack here ends tunnels: what is tested is one that does, a few lines of it.

import { describe, expect, it } from 'vitest'
import { decapsulate, encapsulate } from '../../src/drill/encapsulation-codec.ts'
import { formatResult, parseScript, runScript, type SystemMaker } from '../../src/drill/index.ts'
import type { PacketAction } from '../../src/drill/script.ts'
import { ScriptSyntaxError } from '../../src/drill/syntax-error.ts'

/** Sends every packet back: through the tunnel that it came by, or through `other`, to where it came from. */
function reflector(other: string | null): SystemMaker {
  return () => {
    const sent: { bytes: Uint8Array; at: number }[] = []
    return {
      now: 0,
      realTime: false,
      wallStart: 0,
      notes: [],
      sent,
      socket: () => -1,
      inject(bytes) {
        const { outer, bytes: inner } = decapsulate(bytes)
        const answer = inner.slice()
        // Addresses and ports change places, which no checksum sees.
        answer.copyWithin(12, 16, 20)
        answer.set(inner.subarray(12, 16), 16)
        answer.copyWithin(20, 22, 24)
        answer.set(inner.subarray(20, 22), 22)
        const headers = other === null ? outer.map(({ header }) => header) : packetOf(`> ${other} udp (10)`).outer
        sent.push({ bytes: encapsulate(answer, headers), at: 0 })
      },
      settle() {},
      nextAt: () => Number.POSITIVE_INFINITY,
      advanceTo() {},
      command() {},
      fileSize: () => null,
      close() {},
    }
  }
}

function packetOf(text: string): PacketAction {
  return parseScript(`0 ${text}`, 'tunnel.pkt').events[0]?.action as PacketAction
}

const TUNNELS = [
  'ipv4 198.51.100.1 > 198.51.100.2 :',
  'ipv6 2001:db8::1 > 2001:db8::2:',
  'ipv4 198.51.100.1 > 198.51.100.2 : gre :',
  'ipv4 [tos 0x20, ttl 9] 198.51.100.1 > 198.51.100.2 : gre flags 0xb000,sum 0x1234,off 0,key 7,seq 4294967295 :',
  'ipv6 2001:db8::1 > 2001:db8::2 : gre flags 0x2000,key 0xfffffff0 : mpls (label 1048575, tc 7, [S], ttl 255) :',
  'ipv4 198.51.100.1 > 198.51.100.2 : mpls (label 16, tc 0, ttl 64) (label 17, tc 3, [S], ttl 1) :',
  'ipv4 198.51.100.1 > 198.51.100.2 : ipv4 192.0.2.77 > 192.0.2.78 : gre :',
]

describe('tunnels: headers of IPv4, IPv6, GRE and MPLS are written and read', () => {
  it.each(TUNNELS)('%s', (tunnel) => {
    const text = `0 < ${tunnel} udp (10)\n+0 > ${tunnel} udp (10)`
    const result = runScript(parseScript(text, 'tunnel.pkt'), { system: reflector(null) })
    expect(formatResult(result)).toBe('')
  })

  it('the checksum of GRE covers what it carries, where the script gives none (RFC 2784 2.5)', () => {
    const { outer } = packetOf('> ipv4 198.51.100.1 > 198.51.100.2 : gre flags 0x8000 : udp (10)')
    const bytes = encapsulate(Uint8Array.of(0x45, 1, 2, 3), outer)
    // 8000 + 0800 + 4501 + 0203 = cf04, and its complement.
    expect([...bytes.subarray(20)]).toEqual([0x80, 0, 8, 0, 0x30, 0xfb, 0, 0, 0x45, 1, 2, 3])
    expect(bytes[9]).toBe(47)
  })
})

describe('tunnels: what differs fails the script', () => {
  const seen = TUNNELS[3] as string
  it.each([
    ['none expected', '', 'headers of tunnels: expected none, seen ipv4, gre'],
    ['other headers', TUNNELS[5], 'headers of tunnels: expected ipv4, mpls, seen ipv4, gre'],
    [
      'address',
      seen.replace('100.2', '100.3'),
      /expected ipv4 198.51.100.1 > 198.51.100.3, seen ipv4 198.51.100.1 > 198/,
    ],
    ['type of service', seen.replace('0x20', '0x21'), 'outer type of service: expected 33, seen 32'],
    ['time to live', seen.replace('ttl 9', 'ttl 8'), 'outer time to live: expected 8, seen 9'],
    ['flags of GRE', seen.replace('0xb000', '0xa000'), /expected gre flags 0xa000,.*, seen gre flags 0xb000,/],
    ['key of GRE', seen.replace('key 7', 'key 8'), /expected .*,key 8,seq 4294967295, seen .*,key 7,seq 4294967295$/],
    ['sequence number of GRE', seen.replace('4294967295', '1'), /expected .*,seq 1, seen .*,seq 4294967295$/],
  ])('%s', (_, expected, message) => {
    const text = `0 < udp (10)\n+0 > ${expected} udp (10)`
    const { failure } = runScript(parseScript(text, 'tunnel.pkt'), { system: reflector(seen) })
    if (typeof message === 'string') expect(failure?.message).toBe(message)
    else expect(failure?.message).toMatch(message)
  })

  it('an MPLS label: number, class, bottom, time to live', () => {
    for (const [from, to] of [
      ['label 17', 'label 18'],
      ['tc 3', 'tc 2'],
      ['ttl 1)', 'ttl 2)'],
    ]) {
      const expected = (TUNNELS[5] as string).replace(from as string, to as string)
      const text = `0 < udp (10)\n+0 > ${expected} udp (10)`
      const { failure } = runScript(parseScript(text, 'tunnel.pkt'), { system: reflector(TUNNELS[5] as string) })
      expect(failure?.message).toMatch(/^header of a tunnel: expected mpls .*, seen mpls \(label 16, tc 0, ttl 64\)/)
    }
  })
})

describe('tunnels: what cannot be read', () => {
  it.each([
    ['< ipv4 198.51.100.1 > 2001:db8::1 : udp (1)', "1:25: expected an IPv4 address, found '2001'"],
    ['< ipv4 198.51.100.1 > 198.51.100.2 udp (1)', "1:38: expected ':', found 'udp'"],
    ['< mpls (label 1048576, tc 0, [S], ttl 1) : udp (1)', 'the label must be 0 to 1048575, is 1048576'],
    ['< mpls : udp (1)', "expected '(label …)', found ':'"],
    ['< encap psp spi 7 . 1:1(0) win 1', 'PSP is not built: packets cannot be encrypted'],
  ])('%s', (packet, message) => {
    expect(() => packetOf(packet)).toThrow(ScriptSyntaxError)
    expect(() => packetOf(packet)).toThrow(message)
  })
})
