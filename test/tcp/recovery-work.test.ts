// What an acknowledgement may cost: what it tells, not what is in flight (the families of SegmentSmack and SACK Panic).

import { describe, expect, test } from 'vitest'
import { AckNews } from '../../src/tcp/ack-news.ts'
import { Flight } from '../../src/tcp/flight.ts'

const PACKETS = 10_000
const SIZE = 1000

function flying(): [Flight, AckNews] {
  const flight = new Flight()
  for (let i = 0; i < PACKETS; i++) flight.push(i * SIZE, (i + 1) * SIZE, i, SIZE, SIZE, 0, 0)
  const news = new AckNews()
  news.begin(PACKETS, 0, 0, PACKETS * SIZE, 0)
  flight.looks = 0
  return [flight, news]
}

/** What it costs, on average, to take `times` reports. */
function cost(flight: Flight, times: number, report: (i: number) => void): number {
  flight.looks = 0
  for (let i = 0; i < times; i++) report(i)
  return flight.looks / times
}

describe('ten thousand packets in flight', () => {
  test('a block that grows by a packet costs a few looks (RFC 2018 4)', () => {
    const [flight, news] = flying()
    expect(cost(flight, PACKETS - 1, (i) => flight.sack(SIZE, (i + 2) * SIZE, news))).toBeLessThan(10)
    expect(flight.sackedOut).toBe(PACKETS - 1)
  })

  test('a block that grows downwards costs no more', () => {
    const [flight, news] = flying()
    expect(cost(flight, PACKETS - 1, (i) => flight.sack((PACKETS - 1 - i) * SIZE, PACKETS * SIZE, news))).toBeLessThan(
      10,
    )
    expect(flight.sackedOut).toBe(PACKETS - 1)
  })

  test('every second packet, reported with three blocks that were told before, costs no more', () => {
    const [flight, news] = flying()
    const looks = cost(flight, PACKETS / 2 - 4, (i) => {
      for (let k = 3; k >= 0; k--) flight.sack((2 * (i + k) + 1) * SIZE, (2 * (i + k) + 2) * SIZE, news)
    })
    expect(looks).toBeLessThan(40)
    expect(flight.sackedOut).toBe(PACKETS / 2 - 1)
  })

  test('a whole window that is reported again and again costs a few looks each time', () => {
    const [flight, news] = flying()
    flight.sack(SIZE, PACKETS * SIZE, news)
    // The first steps over each packet, and remembers; it counts for ten.
    expect(cost(flight, 1000, () => flight.sack(SIZE, PACKETS * SIZE, news))).toBeLessThan(20)
  })

  test('what is lost is sent again in steps that do not begin anew', () => {
    const [flight, news] = flying()
    for (let i = 0; i < PACKETS; i += 2) flight.markLost(i)
    for (let i = 1; i < PACKETS; i += 2) flight.sack(i * SIZE, (i + 1) * SIZE, news)
    const looks = cost(flight, PACKETS / 2, () => {
      const i = flight.nextToResend()
      flight.resent(i, PACKETS, SIZE, 0, false)
    })
    expect(looks).toBeLessThan(10)
    expect(flight.toResend).toBe(0)
  })

  test('acknowledging one after another costs one look each', () => {
    const [flight, news] = flying()
    expect(cost(flight, PACKETS - 1, (i) => flight.acknowledge((i + 1) * SIZE, news, true))).toBeLessThan(4)
  })
})
