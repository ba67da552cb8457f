// HyStart++, which a host asks for with `hystartPlusPlus`.

import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/tcp/connection.ts'
import { Hystart } from '../../src/tcp/hystart.ts'

/** What HyStart++ looks at of a connection; rounds of ten packets, each with eight round trips. */
class Rounds {
  readonly hystart = new Hystart()
  readonly state = { sndUna: 0, sndNxt: 0, cwnd: 40, ssthresh: 0x7fffffff }
  readonly connection = Object.assign(this.state, {
    host: { time: { nowMicros: 0 }, config: { hystartPlusPlus: true } },
  }) as unknown as Connection

  constructor() {
    this.hystart.reset(this.connection)
  }

  round(rtt: number): void {
    this.state.sndUna = this.state.sndNxt + 1
    this.state.sndNxt += 10
    for (let i = 0; i < 8; i++) this.hystart.sampled(this.connection, rtt, rtt)
  }

  /** How much the window grows for eight packets. */
  growth(): number {
    const before = this.state.cwnd
    this.hystart.acknowledged(this.connection, 8)
    return this.state.cwnd - before
  }
}

describe('HyStart++ (RFC 9406 4.2)', () => {
  test('a round whose round trips have grown by an eighth: a quarter of the growth; after five rounds slow start ends', () => {
    const rounds = new Rounds()
    rounds.round(50_000)
    expect(rounds.growth()).toBe(8)
    rounds.round(57_000)
    expect(rounds.growth()).toBe(2)
    for (let i = 0; i < 4; i++) rounds.round(57_000)
    expect(rounds.state.ssthresh).toBe(0x7fffffff)
    rounds.round(57_000)
    expect(rounds.state.ssthresh).toBe(rounds.state.cwnd)
  })

  test('round trips that come down again: slow start goes on', () => {
    const rounds = new Rounds()
    rounds.round(50_000)
    rounds.round(57_000)
    rounds.round(50_000)
    expect(rounds.growth()).toBe(8)
  })

  test('growth by less: nothing', () => {
    const rounds = new Rounds()
    rounds.round(50_000)
    rounds.round(56_000)
    expect(rounds.growth()).toBe(8)
  })
})
