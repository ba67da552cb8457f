import { describe, expect, it } from 'vitest'
import { Cable } from '../../src/device/cable.ts'
import { Impair } from '../../src/device/impair.ts'
import { parseImpairment } from '../../src/device/impairment.ts'

describe('parseImpairment', () => {
  it('reads every setting', () => {
    expect(parseImpairment('loss=3%,delay=10ms,reorder=5%,duplicate=1%,corrupt=0.1%,rate=10M,seed=7')).toEqual({
      loss: 0.03,
      delay: 10,
      reorder: 0.05,
      duplicate: 0.01,
      corrupt: 0.001,
      rate: 10e6,
      seed: 7,
    })
    expect(parseImpairment('burst=1%/25%,jitter=1.5s,distance=4,queue=64k,split')).toEqual({
      burst: { enter: 0.01, leave: 0.25, bad: 1, good: 0 },
      jitter: 1500,
      distance: 4,
      queue: 65536,
      split: true,
    })
    expect(parseImpairment('burst=1%/25%/50%/0.1%').burst).toEqual({ enter: 0.01, leave: 0.25, bad: 0.5, good: 0.001 })
  })

  it('takes "+" for ",", and settings of one direction', () => {
    expect(parseImpairment('loss=3%+out.loss=0.5+out.rate=1G+in.delay=200us')).toEqual({
      loss: 0.03,
      out: { loss: 0.5, rate: 1e9 },
      in: { delay: 0.2 },
    })
  })

  it.each([
    ['delay=7', { delay: 7 }],
    ['rate=2500', { rate: 2500 }],
    ['rate=1.5Mbit/s', { rate: 1.5e6 }],
    ['rate=64kbps', { rate: 64000 }],
    ['queue=1MB', { queue: 1 << 20 }],
    ['seed=-3', { seed: -3 }],
  ])('reads %s', (text, options) => {
    expect(parseImpairment(text)).toEqual(options)
  })

  it.each([
    ['', TypeError, "got ''"],
    ['lost=3%', TypeError, "got 'lost=3%'"],
    ['loss', TypeError, "impairment loss must have a number, got ''"],
    ['loss=3%,,delay=1', TypeError, "got ''"],
    ['loss=few', TypeError, "impairment loss must have a number, got 'few'"],
    ['loss=1e-3', TypeError, "got '1e-3'"],
    ['loss=101%', RangeError, 'loss must be from 0 to 1 (0% to 100%), got 1.01'],
    ['loss=3', RangeError, 'got 3'],
    ['in.loss=3', RangeError, 'in.loss must be from 0 to 1'],
    ['loss=1%,loss=2%', TypeError, 'impairment loss is given twice'],
    ['delay=10m', TypeError, "impairment delay must be a time such as 10ms, 1s or 200us, got '10m'"],
    ['delay=-1', TypeError, "got '-1'"],
    ['rate=fast', TypeError, "impairment rate must be a number with k, M or G, got 'fast'"],
    ['rate=0', RangeError, 'rate must be greater than 0, got 0'],
    ['rate=1.2.3M', TypeError, 'impairment rate must have a number'],
    ['queue=0', RangeError, 'queue must be greater than 0, got 0'],
    ['distance=0', RangeError, 'distance must be a positive integer, got 0'],
    ['distance=1.5', TypeError, "impairment distance must be an integer, got '1.5'"],
    ['burst=1%', TypeError, 'impairment burst must be ENTER/LEAVE[/BAD[/GOOD]]'],
    ['burst=1%/200%', RangeError, 'burst.leave must be from 0 to 1'],
    ['split=yes', TypeError, "impairment split takes no value, got 'yes'"],
    ['in.seed=1', TypeError, "got 'in.seed=1'"],
    ['constructor=1', TypeError, "got 'constructor=1'"],
  ])('rejects %j', (text, kind, message) => {
    expect(() => parseImpairment(text)).toThrow(kind)
    expect(() => parseImpairment(text)).toThrow(message)
  })
})

describe('Impair options', () => {
  it('are checked where they are given as an object, too', () => {
    const { left } = new Cable()
    expect(() => new Impair(left, { loss: 2 })).toThrow('loss must be from 0 to 1 (0% to 100%), got 2')
    expect(() => new Impair(left, { out: { delay: -1 } })).toThrow('out.delay must be 0 or more milliseconds, got -1')
    expect(() => new Impair(left, { jitter: Number.NaN })).toThrow('jitter must be 0 or more milliseconds, got NaN')
  })
})
