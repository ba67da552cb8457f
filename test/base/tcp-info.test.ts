// Read first: tcp(7) TCP_INFO, linux/tcp.h.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeTcpInfo,
  emptyTcpInfo,
  encodeTcpInfo,
  TCP_INFO_LAYOUT,
  TCP_INFO_LENGTH,
  type TcpInfo,
} from '../../src/base/tcp-info.ts'

const HEADER = '/usr/include/linux/tcp.h'

function header(): string {
  try {
    return readFileSync(HEADER, 'utf8')
  } catch {
    return ''
  }
}

/** The fields of struct tcp_info as a header has them, of the kernel that it came with. */
function declared(text: string): [name: string, octets: number, bits: number][] {
  const struct = /struct tcp_info \{(.*?)\n\};/s.exec(text)?.[1] ?? ''
  const bare = struct.replaceAll(/\/\*.*?\*\//gs, '')
  return [...bare.matchAll(/__u(\d+)\s+([^;]+);/g)].flatMap(([, width, names]) =>
    (names as string).split(',').map((one): [string, number, number] => {
      const [name, bits] = one.split(':').map((part) => part.trim())
      return [name as string, Number(width) / 8, Number(bits ?? 0)]
    }),
  )
}

describe('struct tcp_info', () => {
  const fields = declared(header())

  test.runIf(fields.length > 0)('has the fields of the kernel header, in order and where it has them', () => {
    let at = 0
    let bit = 0
    const laidOut = fields.map(([name, octets, bits]) => {
      if (bits === 0) {
        if (bit > 0) at++
        bit = 0
        at = Math.ceil(at / octets) * octets
        at += octets
        return [name, at - octets, octets]
      }
      if (bit + bits > 8) {
        at++
        bit = 0
      }
      bit += bits
      return [name, at, [bit - bits, bits]]
    })
    // Bit fields that together are an octet end it.
    expect(laidOut.length).toBeGreaterThan(50)
    const table = TCP_INFO_LAYOUT.slice(0, laidOut.length)
    expect(laidOut.map(([name, , width]) => [name, width])).toEqual(table.map(([name, , width]) => [name, width]))
    const ends = (list: readonly (readonly unknown[])[]) => list.filter(([, , width]) => typeof width === 'number')
    expect(ends(laidOut)).toEqual(ends(table))
  })

  test('what Linux 6.2, 6.7 and 6.18 have added lies behind it', () => {
    const bytes = Uint8Array.from({ length: TCP_INFO_LENGTH }, (_, i) => (i >= 236 ? i & 0xff : 0))
    expect(decodeTcpInfo(bytes)).toMatchObject({
      tcpi_rcv_wnd: 0,
      tcpi_rehash: 0xefeeedec,
      tcpi_total_rto: 0xf1f0,
      tcpi_total_rto_recoveries: 0xf3f2,
      tcpi_total_rto_time: 0xf7f6f5f4,
      tcpi_received_ce: 0xfbfaf9f8,
      tcpi_delivered_e1_bytes: 0xfffefdfc,
      tcpi_delivered_e0_bytes: 0x03020100,
      tcpi_delivered_ce_bytes: 0x07060504,
      tcpi_received_e1_bytes: 0x0b0a0908,
      tcpi_received_e0_bytes: 0x0f0e0d0c,
      tcpi_received_ce_bytes: 0x13121110,
      tcpi_accecn_fail_mode: 0x1514,
      tcpi_accecn_opt_seen: 0x1716,
    })
  })

  test.each([104, 192, 232, 236, 248])('what a kernel whose struct has %i octets does not tell is 0', (length) => {
    const bytes = new Uint8Array(TCP_INFO_LENGTH).fill(0xff)
    const info = decodeTcpInfo(bytes, length)
    for (const [name, at, width] of TCP_INFO_LAYOUT) {
      const end = at + (typeof width === 'number' ? width : 1)
      expect([name, info[name] > 0]).toEqual([name, end <= length])
    }
  })

  test('every octet of the struct is some field', () => {
    const whole = new Uint8Array(TCP_INFO_LENGTH).fill(0xff)
    // 64 bits of ones are no number of JavaScript.
    for (const [, at, width] of TCP_INFO_LAYOUT) if (width === 8) whole.fill(0, at + 6, at + 8)
    const back = new Uint8Array(TCP_INFO_LENGTH)
    encodeTcpInfo(decodeTcpInfo(whole), back)
    // The octet of bit fields that has two of its bits used by no field, and one by none since.
    back[7] = 0xff
    expect([...back]).toEqual([...whole])
  })

  test('octets of any number and content are read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: TCP_INFO_LENGTH + 40 }), fc.nat(400), (bytes, length) => {
        const info: TcpInfo = decodeTcpInfo(bytes, length)
        for (const [name] of TCP_INFO_LAYOUT) expect(info[name]).toBeGreaterThanOrEqual(0)
        expect(Object.keys(info)).toEqual(Object.keys(emptyTcpInfo()))
      }),
    )
  })
})
