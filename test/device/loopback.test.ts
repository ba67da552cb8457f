import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { Loopback } from '../../src/device/loopback.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

function loopback(options: ConstructorParameters<typeof Loopback>[0] = {}) {
  const clock = new ManualClock()
  const device = new Loopback(options)
  const recorder = new Recorder(() => clock.now())
  device.attach(recorder, clock)
  return { clock, device, recorder }
}

describe('Loopback', () => {
  it('never delivers from inside transmit: the packet comes with the next deferred task', () => {
    const { clock, device, recorder } = loopback()
    expect(lend(device, counting(40))).toBe(true)
    expect(recorder.calls).toEqual([])
    clock.settle()
    expect(recorder.calls).toEqual(['receive', 'flush'])
    expect(hex(recorder.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(40)))
  })

  it('delivers what was sent in one go as one burst, in order, with one flush', () => {
    const { clock, device, recorder } = loopback()
    for (let i = 0; i < 3; i++) lend(device, counting(20 + i, i))
    clock.settle()
    expect(recorder.calls).toEqual(['receive', 'receive', 'receive', 'flush'])
    expect(recorder.frames.map((frame) => hex(frame.bytes))).toEqual([0, 1, 2].map((i) => hex(counting(20 + i, i))))
  })

  it('carries what was left undone of the packet: partial checksum and large segment', () => {
    const { clock, device, recorder } = loopback()
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = 20
    offload.checksumOffset = 16
    offload.segment = SEGMENT_TCP4
    offload.segmentSize = 1448
    offload.headerLength = 52
    lend(device, counting(60000), offload)
    offload.clear()
    lend(device, counting(40), offload)
    clock.settle()
    expect(recorder.frames[0]?.offload).toEqual(
      Object.assign(new Offload(), {
        checksum: CHECKSUM_PARTIAL,
        checksumStart: 20,
        checksumOffset: 16,
        segment: SEGMENT_TCP4,
        segmentSize: 1448,
        headerLength: 52,
      }),
    )
    expect(recorder.frames[1]?.offload.checksum).toBe(0)
    expect(recorder.frames[1]?.offload.segment).toBe(0)
  })

  it('a packet sent while another is delivered comes in a later burst and does not touch the lent one', () => {
    const { clock, device, recorder } = loopback()
    let rounds = 300
    recorder.onReceive = () => {
      // Enough and large enough to make the queue wrap and grow meanwhile.
      if (rounds-- > 0) {
        lend(device, counting(700, rounds))
        if (rounds % 16 === 0) lend(device, counting(9000, rounds))
      }
    }
    lend(device, counting(700))
    clock.settle()
    expect(recorder.frames.length).toBe(301 + 19)
    expect(recorder.calls[1]).toBe('flush')
  })

  it('refuses a packet when its queue is full, and calls writable when there is room again', () => {
    const { clock, device, recorder } = loopback({ queue: 65536 })
    let sent = 0
    while (lend(device, counting(1000, sent))) sent++
    expect(sent).toBe(65)
    expect(device.counters.refused).toBe(1)
    expect(recorder.calls).toEqual([])
    clock.settle()
    expect(recorder.frames.length).toBe(65)
    expect(recorder.calls.at(-1)).toBe('writable')
    expect(recorder.calls.filter((call) => call === 'writable').length).toBe(1)
    expect(lend(device, counting(1000))).toBe(true)
  })

  it('delivers in bursts of at most 256 packets, and calls writable no sooner than half of its queue is free', () => {
    const { clock, device, recorder } = loopback({ queue: 65536 })
    let sent = 0
    while (lend(device, counting(60))) sent++
    expect(sent).toBe(1092)
    let deliveredAtWritable = 0
    recorder.onWritable = () => {
      deliveredAtWritable = recorder.frames.length
    }
    clock.settle()
    expect(recorder.frames.length).toBe(sent)
    expect(recorder.calls.filter((call) => call === 'flush').length).toBe(5)
    expect(deliveredAtWritable).toBe(768)
  })

  it('a packet longer than its MTU is lost and counted, a large segment is not', () => {
    const { clock, device, recorder } = loopback({ mtu: 1500 })
    expect(lend(device, counting(1501))).toBe(true)
    const offload = new Offload()
    offload.segment = SEGMENT_TCP4
    offload.segmentSize = 1460
    expect(lend(device, counting(2960), offload)).toBe(true)
    clock.settle()
    expect(device.counters.badLength).toBe(1)
    expect(recorder.frames.map((frame) => frame.bytes.length)).toEqual([2960])
  })

  it('delivers nothing after close, not even what was under way; closing twice is closing once', () => {
    const { clock, device, recorder } = loopback()
    lend(device, counting(20))
    device.close()
    device.close()
    expect(lend(device, counting(20))).toBe(true)
    clock.settle()
    expect(recorder.calls).toEqual([])
  })
})
