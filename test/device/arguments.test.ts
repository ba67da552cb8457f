import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Cable } from '../../src/device/cable.ts'
import { Capture } from '../../src/device/capture.ts'
import { CaptureBuffer } from '../../src/device/capture-buffer.ts'
import { Impair, parseImpairment } from '../../src/device/impair.ts'
import { Loopback } from '../../src/device/loopback.ts'
import { PcapngSink } from '../../src/device/pcapng-sink.ts'
import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { Recorder } from './recorder.ts'

const wrong = <T>(value: unknown) => value as T
const end = () => new Cable().left

test.each<[string, () => unknown, string]>([
  ['Cable: options', () => new Cable(wrong('x')), 'options must be an object, got "x"'],
  ['Cable: a key', () => new Cable(wrong({ dealy: 1 })), "options has no 'dealy': there are name, names, hardware"],
  ['Cable: delay', () => new Cable({ delay: wrong('1') }), 'delay must be a number, got "1"'],
  ['Cable: mtu', () => new Cable({ mtu: wrong('1500') }), 'mtu must be an integer, got "1500"'],
  ['Cable: mtu too small', () => new Cable({ mtu: 67 }), 'mtu must be an integer from 68 to 65535, got 67'],
  ['Cable: offloads', () => new Cable({ offloads: wrong(1) }), 'offloads must be true or false, got 1'],
  ['Cable: names', () => new Cable({ names: wrong('ab') }), 'names must be an array of two strings, got "ab"'],
  ['Cable: a name', () => new Cable({ names: ['a', wrong(2)] }), 'names[1] must be a string, got 2'],
  ['Cable: addresses', () => new Cable({ hardwareAddresses: wrong([1, 2]) }), 'hardwareAddresses must be Uint8Arrays'],
  ['Loopback: a key', () => new Loopback(wrong({ size: 1 })), "options has no 'size': there are name, mtu, queue"],
  ['Loopback: queue', () => new Loopback({ queue: 0 }), 'queue must be an integer from 1'],
  ['Impair: device', () => new Impair(wrong(undefined), {}), 'inner must be a Device, got undefined'],
  ['Impair: options', () => new Impair(end(), wrong(undefined)), 'options must be an object, got undefined'],
  ['Impair: a key', () => new Impair(end(), wrong({ los: 0.2 })), "options has no 'los': there are loss, burst"],
  ['Impair: a side', () => new Impair(end(), { out: wrong({ los: 0.2 }) }), "out has no 'los': there are loss, burst"],
  [
    'Impair: a burst',
    () => new Impair(end(), { burst: wrong({ in: 1 }) }),
    "burst has no 'in': there are enter, leave",
  ],
  ['Impair: a share', () => new Impair(end(), { loss: wrong('3%') }), 'loss must be a number, got "3%"'],
  ['Impair: seed', () => new Impair(end(), { seed: wrong('7') }), 'seed must be an integer, got "7"'],
  ['Impair: split', () => new Impair(end(), { split: wrong(1) }), 'split must be true or false, got 1'],
  ['parseImpairment', () => parseImpairment(wrong(5)), 'text must be a string, got 5'],
  ['Capture: device', () => new Capture(wrong({}), wrong({})), 'inner must be a Device, got an object of class Object'],
  ['Capture: sink', () => new Capture(end(), wrong(null)), 'sink must be a CaptureSink, got null'],
  ['CaptureBuffer', () => new CaptureBuffer(wrong('9')), 'limit must be a number, got "9"'],
  ['CaptureBuffer: sink', () => new CaptureBuffer(9).replay(wrong(1)), 'sink must be a CaptureSink, got 1'],
  ['PcapngSink', () => new PcapngSink(wrong(1), end()), 'writer must be a PcapngWriter, got 1'],
  ['PcapngWriter', () => new PcapngWriter(wrong(undefined)), 'write must be a function, got undefined'],
  ['PcapngWriter: a key', () => new PcapngWriter(() => {}, wrong({ commment: 'x' })), "options has no 'commment'"],
])('wrong arguments: %s', (_what, make, message) => {
  expect(make).toThrow(message)
})

test('PcapngWriter: a wrong resolution is told before anything is written', () => {
  let written = 0
  const write = () => void written++
  expect(() => new PcapngWriter(write, { resolution: wrong(3) })).toThrow('options.resolution must be 6 or 9 digits')
  expect(written).toBe(0)
})

test('a device that is attached is not attached again: the first would go deaf', () => {
  const clock = new ManualClock()
  const attach = (device: Cable['left'] | Loopback) => device.attach(new Recorder(() => clock.now()), clock)
  for (const device of [new Cable().left, new Loopback()]) {
    attach(device)
    expect(() => attach(device)).toThrow('device must not be attached to anything yet')
  }
})
