// The pieces of iperf3's protocol, and the numbers it prints.

import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { octetsText, parseAmount, rateText } from '../../src/cli/iperf3/amounts.ts'
import { Arrivals } from '../../src/cli/iperf3/arrivals.ts'
import { COOKIE_LENGTH, decodeCookie, encodeCookie, makeCookie } from '../../src/cli/iperf3/cookie.ts'
import {
  DATAGRAM_ANSWER,
  DATAGRAM_HELLO,
  encodeHello,
  isAnswer,
  isHello,
  readDatagramCount,
  readDatagramTime,
  writeDatagramHeader,
} from '../../src/cli/iperf3/datagram-header.ts'
import { addIperf3Options, flagParameters, type Iperf3Flags } from '../../src/cli/iperf3/iperf3-flags.ts'
import { Pacer } from '../../src/cli/iperf3/pacer.ts'
import { clientSends, parametersRecord, readParameters, streamId } from '../../src/cli/iperf3/test-parameters.ts'
import { readResults } from '../../src/cli/iperf3/test-results.ts'
import { TransferLimit } from '../../src/cli/iperf3/transfer-limit.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a cookie', () => {
  test('is 36 letters and digits, and a NUL; what is not printable is none', () => {
    const cookie = makeCookie(new SeededRandom(1))
    expect(cookie).toMatch(/^[a-z2-7]{36}$/)
    const bytes = encodeCookie(cookie)
    expect([bytes.length, bytes[36]]).toEqual([COOKIE_LENGTH, 0])
    expect(decodeCookie(bytes)).toBe(cookie)
    expect(decodeCookie(new Uint8Array(COOKIE_LENGTH))).toBeNull()
    expect(decodeCookie(bytes.subarray(1))).toBeNull()
  })
})

describe('the header of a datagram', () => {
  test('has seconds, microseconds and a number of 4 octets, or of 8', () => {
    const bytes = new Uint8Array(40)
    writeDatagramHeader(bytes, 4, 2124_819.7615, 1, false)
    expect(hex(bytes.subarray(4, 16))).toBe('0000084c000c823100000001')
    expect(readDatagramTime(bytes, 4)).toBeCloseTo(2124_819.761, 3)
    expect(readDatagramCount(bytes, 4, false)).toBe(1)
    writeDatagramHeader(bytes, 0, 1500, 0x1_0000_0002, true)
    expect(hex(bytes.subarray(0, 16))).toBe('000000010007a1200000000100000002')
    expect(readDatagramCount(bytes, 0, true)).toBe(0x1_0000_0002)
  })

  test('before them a greeting goes there and back, in either octet order', () => {
    expect(Buffer.from(encodeHello(DATAGRAM_HELLO)).toString()).toBe('9876')
    expect(isHello(encodeHello(DATAGRAM_HELLO), 4)).toBe(true)
    expect(isHello(encodeHello(123456789), 4)).toBe(true)
    expect(isHello(Buffer.from('6789'), 4)).toBe(true)
    expect(isAnswer(encodeHello(DATAGRAM_ANSWER), 4)).toBe(true)
    expect(isAnswer(encodeHello(987654321), 4)).toBe(true)
    expect(isHello(Buffer.from('abcd'), 4)).toBe(false)
    expect(isHello(encodeHello(DATAGRAM_HELLO), 3)).toBe(false)
  })
})

describe('arrivals', () => {
  test('the jitter is that of RFC 1889 A.8: a sixteenth of what the transit has changed', () => {
    const arrivals = new Arrivals()
    for (const [count, transit] of [
      [1, 100],
      [2, 116],
      [3, 116],
    ] as const) {
      arrivals.arrived(count, transit)
    }
    expect(arrivals.jitter).toBeCloseTo((16 / 16) * (15 / 16), 10)
    arrivals.forgetJitter()
    arrivals.arrived(4, 500)
    expect(arrivals.jitter).toBe(0)
  })

  test('numbers that are passed over are lost until they come', () => {
    const arrivals = new Arrivals()
    for (const count of [1, 4, 3, 6]) arrivals.arrived(count, 0)
    expect(arrivals).toMatchObject({ highest: 6, lost: 2, outOfOrder: 1 })
    arrivals.arrived(1, 0)
    arrivals.arrived(1, 0)
    arrivals.arrived(1, 0)
    expect(arrivals.lost).toBe(0)
  })
})

describe('a limit', () => {
  test('lets so many octets begin, in whole blocks, and says when they have passed', () => {
    let reached = 0
    const limit = new TransferLimit(1000, 0, false, () => reached++)
    expect([limit.take(1, 300), limit.take(64, 300), limit.take(1, 300)]).toEqual([1, 3, 0])
    limit.passed(900, 3)
    expect(reached).toBe(0)
    limit.giveBack(1, 300)
    expect(limit.take(1, 300)).toBe(1)
    limit.passed(300, 1)
    expect(reached).toBe(1)
  })

  test('of blocks; and what is left out at the beginning does not count', () => {
    let reached = 0
    const limit = new TransferLimit(0, 2, true, () => reached++)
    expect(limit.take(10, 5)).toBe(10)
    limit.passed(50, 10)
    expect(reached).toBe(0)
    limit.begin()
    expect([limit.take(10, 5), limit.take(1, 5)]).toEqual([2, 0])
    limit.passed(10, 2)
    expect(reached).toBe(1)
  })
})

describe('a pace', () => {
  test('so many blocks are due as the rate has it', () => {
    const pacer = new Pacer(8000, 0)
    pacer.restart(1000)
    expect(pacer.due(1000, 0, 100)).toBe(1)
    expect(pacer.due(1000, 100, 100)).toBe(0)
    expect(pacer.nextAt(100)).toBe(1100)
    expect(pacer.due(1100, 100, 100)).toBe(1)
    // Who was kept from sending makes up for it.
    expect(pacer.due(1500, 100, 100)).toBe(5)
  })

  test('what is due at a time is due then, whatever rounding does', () => {
    const pacer = new Pacer(5_000_000, 0)
    pacer.restart(1000.003)
    for (let sent = 0; sent < 1_000_000; sent += 1000) expect(pacer.due(pacer.nextAt(sent), sent, 1000)).toBe(1)
  })

  test('with a burst of so many at once; without a rate there is no end', () => {
    const pacer = new Pacer(8000, 4)
    expect(pacer.due(0, 0, 100)).toBe(4)
    expect(new Pacer(0, 0).due(0, 1e9, 100)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('amounts', () => {
  test.each([
    [0, '0.00 Bytes'],
    [131072, ' 128 KBytes'],
    [1280000, '1.22 MBytes'],
    [98566144, '94.0 MBytes'],
    [1073700000, '1024 MBytes'],
    [2823000000, '2.63 GBytes'],
  ])('%d octets: %s', (octets, text) => expect(octetsText(octets)).toBe(text))

  test.each([
    [0, null, '0.00 bits/sec'],
    [50_700_000, null, '50.7 Mbits/sec'],
    [17_100_000_000, null, '17.1 Gbits/sec'],
    [1_866_350_592, 'K', '227826 KBytes/sec'],
    [1_500_000, 'm', '1.50 Mbits/sec'],
  ] as const)('%d bits a second in %s: %s', (rate, unit, text) => expect(rateText(rate, unit)).toBe(text))

  test('suffixes', () => {
    expect(['5', '1K', '1.5M', '.5g', '2T'].map((text) => parseAmount(text, 1024))).toEqual([
      5,
      1024,
      1.5 * 1024 ** 2,
      0.5 * 1024 ** 3,
      2 * 1024 ** 4,
    ])
    expect(parseAmount('10M', 1000)).toBe(10_000_000)
    expect(['', 'K', '1Q', '1KK', '-1', '1 M', '0x10', '1e3'].map((text) => parseAmount(text, 1000))).toEqual(
      Array(8).fill(null),
    )
  })
})

describe('parameters', () => {
  test('are what the client has said, and what is left out is as usual', () => {
    const parameters = readParameters({ tcp: true, time: 10, MSS: 1000, bidirectional: true, parallel: 2, TOS: 16 })
    expect(parameters).toMatchObject({ protocol: 'tcp', time: 10, segment: 1000, direction: 'both', length: 131072 })
    expect([0, 1, 2, 3].map((place) => clientSends(parameters, place))).toEqual([true, true, false, false])
    expect([0, 1, 2, 3].map(streamId)).toEqual([1, 3, 4, 5])
    expect(readParameters(parametersRecord(parameters, '3.12'))).toEqual(parameters)
    const udp = readParameters({ udp: true, reverse: true, len: 1200, bandwidth: 1e6, udp_counters_64bit: 1 })
    expect(readParameters(parametersRecord(udp, '3.12'))).toEqual(udp)
  })

  test.each([
    [{ parallel: 129 }, 'parallel must be a whole number from 1 to 128, got 129'],
    [{ parallel: 0 }, 'parallel must be'],
    [{ parallel: '3' }, 'parallel must be a whole number from 1 to 128, got "3"'],
    [{ udp: true, len: 15 }, 'len must be a whole number from 16 to 65507, got 15'],
    [{ udp: true, len: 1e9 }, 'len must be'],
    [{ len: 0 }, 'len must be a whole number from 1 to 1048576, got 0'],
    [{ time: -1 }, 'time must be a whole number from 0 to 86400, got -1'],
    [{ time: 1e300 }, 'time must be'],
    [{ omit: 61 }, 'omit must be'],
    [{ num: -5 }, 'num must be a number that is not negative, got -5'],
    [{ bandwidth: {} }, 'bandwidth must be a number that is not negative, got {}'],
    [{ burst: 1001 }, 'burst must be'],
    [{ window: 2 ** 31 }, 'window must be'],
    [{ MSS: 9217 }, 'MSS must be'],
    [{ TOS: 256 }, 'TOS must be'],
    [{ congestion: 'x'.repeat(16) }, 'congestion must be a text of at most 15 characters'],
    [{ congestion: 7 }, 'congestion must be a text'],
    [{ reverse: 'yes' }, 'reverse must be true or false, got "yes"'],
    [{ reverse: true, bidirectional: true }, 'reverse and bidirectional exclude each other'],
    [{ tcp: true, udp: true }, 'tcp and udp exclude each other'],
    [{ sctp: true }, 'sctp is no protocol of this server'],
  ])('%j cannot be', (record, message) => {
    expect(() => readParameters(record)).toThrow(message)
  })
})

describe('flags', () => {
  const read = (...words: string[]) => {
    const command = addIperf3Options(new Command())
    command.parse(['-c', 'there', ...words], { from: 'user' })
    return flagParameters(command.opts() as Iperf3Flags)
  }

  test('what is not said is as iperf3 has it', () => {
    expect(read()).toMatchObject({ protocol: 'tcp', time: 10, length: 131072, rate: 0, noDelay: false, parallel: 1 })
    expect(read('-u')).toMatchObject({ protocol: 'udp', time: 10, length: 0, rate: 1048576 })
    expect(read('-n', '1K')).toMatchObject({ time: 0, bytes: 1024 })
  })

  test.each([
    [['-N'], { noDelay: true }],
    [['-R'], { direction: 'reverse' }],
    [['--bidir', '-P', '3'], { direction: 'both', parallel: 3 }],
    [['-b', '10M/4'], { rate: 10_000_000, burst: 4 }],
    [['-u', '-b', '0'], { rate: 0 }],
    [['-S', '0x34'], { tos: 52 }],
    [['-S', '064'], { tos: 52 }],
    [['--dscp', 'ef'], { tos: 184 }],
    [['--dscp', 'af21'], { tos: 72 }],
    [['--dscp', 'CS1'], { tos: 32 }],
    [['-w', '64K', '-M', '1400', '-C', 'cubic'], { window: 65536, segment: 1400, congestion: 'cubic' }],
    [['-O', '2', '-t', '5'], { omit: 2, time: 5 }],
  ])('%j', (words, parameters) => expect(read(...words)).toMatchObject(parameters))
})

describe('results', () => {
  const stream = { id: 1, bytes: 5, retransmits: 0, jitter: 0, errors: 0, packets: 0, start_time: 0, end_time: 1 }

  test('-1 in 64 bits is what is not known', () => {
    const unknown = JSON.parse('{"streams":[{"id":1,"bytes":5,"retransmits":18446744073709551615}]}')
    expect(readResults(unknown, [1]).streams[0]).toMatchObject({ bytes: 5, retransmits: null })
    expect(readResults({ streams: [stream] }, [1]).streams[0]?.retransmits).toBe(0)
  })

  test.each([
    [{}, 'streams must be an array'],
    [{ streams: [] }, 'there are 1 streams, and it tells of 0'],
    [{ streams: [{ ...stream, id: 3 }] }, 'it tells nothing of the stream 1'],
    [{ streams: [null] }, 'id must be a whole number'],
    [{ streams: [{ ...stream, bytes: -1 }] }, 'bytes must be a number that is not negative, got -1'],
    [{ streams: [{ ...stream, jitter: 'x' }] }, 'jitter must be'],
    [{ streams: [stream], cpu_util_total: 'much' }, 'cpu_util_total must be'],
    [{ streams: [stream], server_output_text: 5 }, 'server_output_text must be a text'],
  ])('%j cannot be', (record, message) => {
    expect(() => readResults(record, [1])).toThrow(`unable to receive results: ${message}`)
  })
})
