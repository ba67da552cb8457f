import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  readTcpOptions,
  TcpOptions,
  writeEcnCounters,
  writeMss,
  writeNop,
  writeSack,
  writeSackPermitted,
  writeTimestamps,
  writeWindowScale,
} from '../../src/wire/tcp-options.ts'
import { hex, octets } from '../device/recorder.ts'

function read(text: string): TcpOptions {
  const bytes = octets(text)
  const options = new TcpOptions()
  readTcpOptions(options, bytes, 0, bytes.length)
  return options
}

const NONE = { mss: 0, windowScale: -1, sackPermitted: false, hasTimestamps: false, sackCount: 0 }

describe('readTcpOptions', () => {
  it('reads each kind', () => {
    expect(read('02 04 05 b4')).toMatchObject({ ...NONE, mss: 1460 })
    expect(read('03 03 07 00')).toMatchObject({ ...NONE, windowScale: 7 })
    expect(read('04 02')).toMatchObject({ ...NONE, sackPermitted: true })
    expect(read('08 0a 80 00 00 01 ff ff ff ff')).toMatchObject({
      ...NONE,
      hasTimestamps: true,
      tsVal: 0x80000001 | 0,
      tsEcr: -1,
    })
    const { sack, sackCount } = read('05 12  00 00 00 01  00 00 00 02  ff ff ff fe  ff ff ff ff')
    expect(sackCount).toBe(2)
    expect([...sack.subarray(0, 4)]).toEqual([1, 2, -2, -1])
  })

  it.each([
    ['ac 0b 00 00 01 00 00 02 ff ff ff', { ecnCounters: 3, e0b: 1, ceb: 2, e1b: 0xffffff }],
    ['ae 0b 00 00 01 00 00 02 ff ff ff', { ecnCounters: 3, e0b: 0xffffff, ceb: 2, e1b: 1 }],
    ['ac 08 00 00 01 01 02 03', { ecnCounters: 2, e0b: 1, ceb: 0x010203, e1b: -1 }],
    ['ae 05 00 00 01', { ecnCounters: 1, e0b: -1, ceb: -1, e1b: 1 }],
    ['ac 02', { ecnCounters: 0 }],
    ['ac 06 00 00 01 00', { ecnCounters: 0 }],
    ['ac 0e 00 00 01 00 00 02 00 00 03 00 00 04', { ecnCounters: 0 }],
  ])('reads counters of accurate ECN, in either order, as many as there are: %s (RFC 9768 3.2.3)', (text, counters) => {
    expect(read(text)).toMatchObject(counters)
  })

  it('writes counters of accurate ECN, 24 bits of each (RFC 9768 3.2.3)', () => {
    const bytes = new Uint8Array(12)
    expect(writeEcnCounters(bytes, 0, 0x1000001, 0xabcdef, -1)).toBe(12)
    expect(hex(bytes)).toBe(hex(octets('ac 0b 00 00 01 ab cd ef ff ff ff 01')))
  })

  it('reads the layout most segments have, NOP NOP Timestamps, as it reads any other', () => {
    const fields = { hasTimestamps: true, tsVal: 0x9bd18d6e | 0, tsEcr: 0x1dfa4e24 }
    expect(read('01 01 08 0a 9b d1 8d 6e 1d fa 4e 24')).toMatchObject({ ...NONE, ...fields })
    expect(read('08 0a 9b d1 8d 6e 1d fa 4e 24 01 01')).toMatchObject({ ...NONE, ...fields })
  })

  it('ends at END, and takes NOP anywhere (RFC 9293 3.2)', () => {
    expect(read('01 01 02 04 05 b4 00 03 03 07')).toMatchObject({ ...NONE, mss: 1460 })
    expect(read('')).toMatchObject(NONE)
  })

  it('skips a kind it does not know by its length (RFC 9293 MUST-6)', () => {
    expect(read('fd 06 f9 89 12 34  02 04 05 b4')).toMatchObject({ ...NONE, mss: 1460 })
    expect(read('63 02  04 02')).toMatchObject({ ...NONE, sackPermitted: true })
  })

  it('ends at a length that cannot be right (RFC 9293 MUST-7)', () => {
    // Zero, one, beyond the end, and missing.
    expect(read('fd 00  02 04 05 b4')).toMatchObject(NONE)
    expect(read('fd 01  02 04 05 b4')).toMatchObject(NONE)
    expect(read('02 04 05 b4  fd 09 00 00')).toMatchObject({ ...NONE, mss: 1460 })
    expect(read('02 04 05 b4  02')).toMatchObject({ ...NONE, mss: 1460 })
    expect(read('02 04 05')).toMatchObject(NONE)
  })

  it('takes a known kind of wrong length for an unknown one', () => {
    expect(
      read('02 03 05  03 04 07 00  04 03 00  08 09 00 00 00 00 00 00 00  05 0b 00 00 00 00 00 00 00 00 00'),
    ).toMatchObject(NONE)
    expect(read('05 02  04 02')).toMatchObject({ ...NONE, sackPermitted: true })
  })

  it('takes at most four SACK blocks, which is what 40 octets hold (RFC 2018 3)', () => {
    const bytes = new Uint8Array(60)
    bytes[0] = 5
    bytes[1] = 42
    const options = new TcpOptions()
    readTcpOptions(options, bytes, 0, 42)
    expect(options.sackCount).toBe(4)
  })

  it('never throws and never reads beyond the end, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 20 }), (bytes, behind) => {
        const one = new TcpOptions()
        const two = new TcpOptions()
        readTcpOptions(one, bytes, 0, bytes.length)
        const longer = new Uint8Array(5 + bytes.length + behind.length)
        longer.set(bytes, 5)
        longer.set(behind, 5 + bytes.length)
        readTcpOptions(two, longer, 5, 5 + bytes.length)
        expect(two).toEqual(one)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})

describe('option writers', () => {
  it('write octets that are read back, and return where the next option goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65535 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer(),
        fc.integer(),
        fc.array(fc.integer(), { minLength: 4, maxLength: 4 }),
        (mss, shift, tsVal, tsEcr, edges) => {
          const bytes = new Uint8Array(60)
          let at = writeMss(bytes, 3, mss)
          at = writeSackPermitted(bytes, at)
          at = writeTimestamps(bytes, at, tsVal, tsEcr)
          at = writeNop(bytes, at)
          at = writeWindowScale(bytes, at, shift)
          at = writeSack(bytes, at, Int32Array.from(edges), 2)
          expect(at).toBe(3 + 4 + 2 + 10 + 1 + 3 + 18)
          const options = new TcpOptions()
          readTcpOptions(options, bytes, 3, at)
          expect(options).toMatchObject({ mss, windowScale: shift, sackPermitted: true, tsVal, tsEcr, sackCount: 2 })
          expect([...options.sack.subarray(0, 4)]).toEqual(edges)
        },
      ),
      { numRuns: 300, seed: 1 },
    )
  })

  it('write what Linux writes', () => {
    const bytes = new Uint8Array(20)
    let at = writeMss(bytes, 0, 1460)
    at = writeSackPermitted(bytes, at)
    at = writeTimestamps(bytes, at, 0x9bd18d6d | 0, 0)
    at = writeNop(bytes, at)
    writeWindowScale(bytes, at, 10)
    expect(hex(bytes)).toBe('02 04 05 b4 04 02 08 0a 9b d1 8d 6d 00 00 00 00 01 03 03 0a')
  })
})
