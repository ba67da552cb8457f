import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, createReadStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import { captureToDescriptor, captureToFile } from '../../src/os/capture-file.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { DIRECTION_INBOUND, DIRECTION_OUTBOUND } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { counting } from '../device/recorder.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-capture-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('captureToFile', () => {
  test('writes what passes two devices, each as an interface of its own, at the time of the stack', async () => {
    const path = join(folder, 'x.pcapng')
    const clock = new ManualClock(5000)
    const cable = new Cable({ name: 'wire' })
    const file = captureToFile(path, { epoch: 1_700_000_000_000 })
    const stacks = [cable.left, cable.right].map((end, i) => {
      const stack = new Stack({ clock, random: new SeededRandom(i) })
      stack.attach(file.capture(end), { address: `10.0.0.${i + 1}/24` })
      return stack
    })
    await new Socket(stacks[0] as Stack, AF_INET, SOCK_DGRAM).sendto(counting(10), { address: '10.0.0.2', port: 9 })
    clock.advanceTo(10_000)
    await file.close()
    await file.close()
    const { interfaces, packets, truncated } = readPcapng(readFileSync(path))
    expect(truncated).toBe(false)
    expect(interfaces.map(({ name }) => name)).toEqual(['wire.left', 'wire.right'])
    expect(packets.length).toBe(file.packets)
    expect(new Set(packets.map(({ direction }) => direction))).toEqual(new Set([DIRECTION_INBOUND, DIRECTION_OUTBOUND]))
    for (const { at } of packets) expect(at).toBeGreaterThanOrEqual(1_700_000_005_000)
    expect(file.lost).toBe(0)
  })

  test('keeps as much of each packet as it was told to', async () => {
    const path = join(folder, 'x.pcapng')
    const file = captureToFile(path, { snapLength: 60 })
    file.sink(new Cable().left).frame(counting(500), 0, 500, 'in', 0)
    await file.close()
    const [packet] = readPcapng(readFileSync(path)).packets
    expect([packet?.bytes.length, packet?.originalLength]).toEqual([60, 500])
  })

  test('flush writes what was gathered, before it is closed', async () => {
    const path = join(folder, 'x.pcapng')
    const file = captureToFile(path)
    file.sink(new Cable().left).frame(counting(60), 0, 60, 'in', 0)
    expect(readPcapng(readFileSync(path)).packets.length).toBe(0)
    file.flush()
    expect(readPcapng(readFileSync(path)).packets.length).toBe(1)
    await file.close()
  })

  test.each(['/no/such/folder/x.pcapng', '/'])('%s cannot be opened: an error that names it', (path) => {
    expect(() => captureToFile(path)).toThrow(`the capture ${JSON.stringify(path)} cannot be written, `)
  })

  test('a device that takes nothing is known at once', () => {
    expect(() => captureToFile('/dev/full')).toThrow(
      'the capture "/dev/full" cannot be written, no space left on device',
    )
  })

  test('says what is wrong with its arguments', () => {
    expect(() => captureToFile(1 as never)).toThrow('path must be a string, got 1')
    expect(() => captureToFile('')).toThrow('path must not be empty')
    expect(() => captureToFile(join(folder, 'x'), { snapLength: 0 })).toThrow('options.snapLength must be an integer')
    expect(() => captureToFile(join(folder, 'x'), { queue: 1 })).toThrow('options.queue must be an integer from 65536')
    expect(() => captureToDescriptor(-1)).toThrow('fd must be an integer from 0')
  })
})

describe('captureToFile, a named pipe', () => {
  let path: string

  beforeEach(() => {
    path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
  })

  /** Reads the pipe; resolves, when it is open at both ends, with what will resolve with all of it, and what waits for more of it. */
  async function reading(): Promise<{ readonly all: Promise<Buffer>; readonly data: () => Promise<unknown> }> {
    const stream = createReadStream(path)
    const chunks: Buffer[] = []
    stream.on('data', (chunk) => chunks.push(chunk as Buffer))
    const all = once(stream, 'end').then(() => Buffer.concat(chunks))
    await once(stream, 'open')
    return { all, data: () => once(stream, 'data') }
  }

  test('does not wait for its reader, who gets all from the first packet on, more than the pipe holds', async () => {
    const file = captureToFile(path)
    const sink = file.sink(new Cable().left)
    for (let i = 0; i < 1000; i++) sink.frame(counting(1000, i), 0, 1000, 'in', i)
    const { all } = await reading()
    await file.close()
    const { packets, truncated } = readPcapng(await all)
    expect([packets.length, truncated, file.packets, file.lost]).toEqual([1000, false, 1000, 0])
    expect(packets.every(({ bytes }, i) => Buffer.compare(bytes, counting(1000, i)) === 0)).toBe(true)
  })

  test('packets that find its queue full are lost whole, and counted', async () => {
    const file = captureToFile(path, { queue: 65536 })
    const sink = file.sink(new Cable().left)
    for (let i = 0; i < 1000; i++) sink.frame(counting(1000, i), 0, 1000, 'in', i)
    expect(file.packets + file.lost).toBe(1000)
    expect(file.lost).toBeGreaterThan(900)
    const { all } = await reading()
    await file.close()
    const { packets, truncated } = readPcapng(await all)
    expect([packets.length, truncated]).toEqual([file.packets, false])
  })

  test('a reader that has had enough: told with EPIPE', async () => {
    const failed = new Promise<Error>((resolve) => {
      const file = captureToFile(path, { lost: resolve })
      const sink = file.sink(new Cable().left)
      for (let i = 0; i < 1000; i++) sink.frame(counting(1000, i), 0, 1000, 'in', i)
    })
    const stream = createReadStream(path, { highWaterMark: 100 })
    stream.once('readable', () => stream.destroy())
    const error = await failed
    expect(error.message).toBe(`the capture "${path}" cannot be written, broken pipe`)
    expect(error.cause).toMatchObject({ code: 'EPIPE' })
  })

  test('packets whose writing takes longer than they are gathered for are written once', async () => {
    const file = captureToFile(path)
    const sink = file.sink(new Cable().left)
    const { all, data } = await reading()
    await data()
    for (let i = 0; i < 3; i++) {
      // Every thread that writes for Node waits for the reader of a pipe.
      const busy = Array.from({ length: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) }, (_, j) => `${path}-${i}-${j}`)
      execFileSync('mkfifo', busy)
      const opening = busy.map((each) => open(each, 'w'))
      sink.frame(counting(60), 0, 60, 'in', 0)
      file.flush()
      // Behind the timer of the frame, which is the sooner.
      await new Promise((resolve) => setTimeout(resolve, 20))
      const arrived = data()
      const readers = busy.map((each) => openSync(each, constants.O_RDONLY | constants.O_NONBLOCK))
      for (const one of await Promise.all(opening)) await one.close()
      for (const one of readers) closeSync(one)
      await arrived
    }
    await file.close()
    const { packets, truncated } = readPcapng(await all)
    expect([packets.length, truncated]).toEqual([3, false])
  })

  test('closing one that nobody has ever read ends, though its packets are lost', async () => {
    const file = captureToFile(path)
    file.sink(new Cable().left).frame(counting(60), 0, 60, 'in', 0)
    await file.close()
  })
})
