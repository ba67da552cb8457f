import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { read16, read32, write16, write32 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoHeaderSum } from '../../src/base/checksum.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type FrameReceiver, Offload } from '../../src/device/device.ts'
import { openTap, openTun } from '../../src/os/open-tuntap.ts'
import type { TunTap } from '../../src/os/tuntap.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'

const KERNEL = 0x0a090001
const OURS = 0x0a090002
const ICMP = 1
const UDP = 17

interface Frame {
  readonly bytes: Uint8Array
  readonly offload: Offload
}

/** Keeps a copy of every frame, and hands it to who waits for one like it. */
class Recorder implements FrameReceiver {
  readonly frames: Frame[] = []
  flushes = 0
  writables = 0
  #waiting: { matches: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = []

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const copy = new Offload()
    copy.set(offload)
    const frame = { bytes: bytes.slice(start, end), offload: copy }
    this.frames.push(frame)
    this.#waiting = this.#waiting.filter(({ matches, resolve }) => {
      if (!matches(frame)) return true
      resolve(frame)
      return false
    })
  }

  flush(): void {
    this.flushes++
  }

  writable(): void {
    this.writables++
  }

  frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    const found = this.frames.find(matches)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }))
  }
}

/** An IPv4 packet from us to the kernel, with its header checksum, and `lower` octets of room before it. */
function packet(
  protocol: number,
  payload: Uint8Array,
  lower: number,
  device: TunTap,
): { bytes: Uint8Array; start: number } {
  const start = device.headroom
  const bytes = new Uint8Array(start + lower + 20 + payload.length)
  const ip = start + lower
  bytes[ip] = 0x45
  write16(bytes, ip + 2, 20 + payload.length)
  write16(bytes, ip + 6, 0x4000)
  bytes[ip + 8] = 64
  bytes[ip + 9] = protocol
  write32(bytes, ip + 12, OURS)
  write32(bytes, ip + 16, KERNEL)
  write16(bytes, ip + 10, internetChecksum(bytes, ip, ip + 20))
  bytes.set(payload, ip + 20)
  return { bytes, start }
}

function echoRequest(size: number): Uint8Array {
  const icmp = new Uint8Array(8 + size).map((_, i) => i)
  icmp.set([8, 0, 0, 0, 0x12, 0x34, 0, 1])
  write16(icmp, 2, internetChecksum(icmp, 0, icmp.length))
  return icmp
}

/** A datagram to a port where nobody listens, with only the sum of its pseudo-header in the checksum field. */
function partialDatagram(): Uint8Array {
  const udp = new Uint8Array(8 + 5)
  write16(udp, 0, 4000)
  write16(udp, 2, 9)
  write16(udp, 4, udp.length)
  write16(udp, 6, pseudoHeaderSum(OURS, KERNEL, UDP, udp.length))
  udp.set([104, 101, 108, 108, 111], 8)
  return udp
}

describeNetwork('TAP and TUN', ['bash', 'sysctl'], () => {
  let namespace: Namespace
  let device: TunTap
  let recorder: Recorder

  beforeEach(() => {
    namespace = new Namespace()
    recorder = new Recorder()
  })

  afterEach(async () => {
    device?.close()
    await namespace.close()
  })

  function up(opened: TunTap): void {
    device = opened
    device.attach(recorder, new ManualClock())
    namespace.configure(device.name, '10.9.0.1/24')
    if (device.hardwareAddress !== null) {
      const text = Array.from(device.hardwareAddress, (octet) => octet.toString(16).padStart(2, '0')).join(':')
      namespace.ip('neigh', 'replace', '10.9.0.2', 'lladdr', text, 'dev', device.name)
    }
  }

  /** The kernel's hardware address, as `ip link` has it. */
  function kernelAddress(): Uint8Array {
    const text = /link\/ether ([0-9a-f:]{17})/.exec(namespace.ip('link', 'show', 'dev', device.name))?.[1] as string
    return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16))
  }

  const kinds = [
    ['TAP', 14, () => openTap('jf0'), () => openTap('jf0', { offloads: false })],
    ['TUN', 0, () => openTun('jf0'), () => openTun('jf0', { offloads: false })],
  ] as const

  for (const [kind, lower, open, openPlain] of kinds) {
    const isUdp = ({ bytes }: Frame) =>
      bytes.length > lower + 28 &&
      bytes[lower] === 0x45 &&
      bytes[lower + 9] === UDP &&
      read32(bytes, lower + 16) === OURS
    const isIcmp = (type: number) => (frame: Frame) =>
      frame.bytes[lower] === 0x45 && frame.bytes[lower + 9] === ICMP && frame.bytes[lower + 20] === type

    const send = (payload: Uint8Array, protocol: number, offload: Offload): boolean => {
      const { bytes, start } = packet(protocol, payload, lower, device)
      if (lower > 0) {
        bytes.set(kernelAddress(), start)
        bytes.set(device.hardwareAddress as Uint8Array, start + 6)
        write16(bytes, start + 12, 0x0800)
      }
      return device.transmit(bytes, start, bytes.length, offload)
    }

    describe(kind, () => {
      test('says what it is and what can be left to it', () => {
        up(namespace.enter(open))
        expect(device).toMatchObject({
          name: 'jf0',
          medium: kind === 'TAP' ? 'ethernet' : 'ip',
          mtu: 1500,
          headroom: 10,
          features: { checksum: true, largeSegment: 65535 },
        })
      })

      test('a datagram of the kernel comes with a partial checksum: the sum of its pseudo-header', async () => {
        up(namespace.enter(open))
        await namespace.shell('echo -n hello > /dev/udp/10.9.0.2/7777')
        const { bytes, offload } = await recorder.frame(isUdp)
        expect(offload.checksum).toBe(CHECKSUM_PARTIAL)
        expect(offload.checksumStart).toBe(lower + 20)
        expect(offload.checksumOffset).toBe(6)
        expect(read16(bytes, lower + 26)).toBe(pseudoHeaderSum(KERNEL, OURS, UDP, 13))
        expect(new TextDecoder().decode(bytes.subarray(lower + 28))).toBe('hello')
        expect(recorder.flushes).toBeGreaterThan(0)
      })

      test('without offloads a datagram of the kernel comes with its whole checksum', async () => {
        up(namespace.enter(openPlain))
        expect(device.features).toEqual({ checksum: false, largeSegment: 0 })
        await namespace.shell('echo -n hello > /dev/udp/10.9.0.2/7777')
        const { bytes, offload } = await recorder.frame(isUdp)
        expect(offload.checksum).toBe(CHECKSUM_NONE)
        const pseudo = pseudoHeaderSum(KERNEL, OURS, UDP, 13)
        expect(internetSum(bytes, lower + 20, lower + 33, pseudo)).toBe(0xffff)
      })

      test('the kernel answers an echo request that we sent', async () => {
        up(namespace.enter(open))
        expect(send(echoRequest(56), ICMP, new Offload())).toBe(true)
        const { bytes } = await recorder.frame(isIcmp(0))
        expect(bytes.subarray(lower + 24)).toEqual(echoRequest(56).subarray(4))
        expect(device.counters.sent).toBe(1)
      })

      test('a partial checksum that we sent is completed: the kernel takes the datagram and says that nobody listens', async () => {
        up(namespace.enter(open))
        const offload = new Offload()
        offload.checksum = CHECKSUM_PARTIAL
        offload.checksumStart = lower + 20
        offload.checksumOffset = 6
        send(partialDatagram(), UDP, offload)
        const { bytes } = await recorder.frame(isIcmp(3))
        expect(bytes[lower + 21]).toBe(3)
      })

      test('an unfinished checksum that is not declared as such is refused by the kernel', async () => {
        up(namespace.enter(open))
        send(partialDatagram(), UDP, new Offload())
        // Whatever the first datagram draws would have to come before the answer to this.
        send(echoRequest(1), ICMP, new Offload())
        await recorder.frame(isIcmp(0))
        expect(recorder.frames.filter(isIcmp(3))).toEqual([])
      })

      test('while the interface is down a frame is lost and counted, and the device goes on', async () => {
        up(namespace.enter(open))
        namespace.ip('link', 'set', 'jf0', 'down')
        const { bytes, start } = packet(ICMP, echoRequest(1), lower, device)
        expect(device.transmit(bytes, start, bytes.length, new Offload())).toBe(true)
        expect(device.counters).toMatchObject({ sent: 0, interfaceDown: 1 })
        namespace.ip('link', 'set', 'jf0', 'up')
        if (lower > 0) namespace.ip('neigh', 'replace', '10.9.0.2', 'lladdr', '02:00:00:00:00:01', 'dev', 'jf0')
        send(echoRequest(1), ICMP, new Offload())
        await recorder.frame(isIcmp(0))
      })
    })
  }

  test.each([
    [0, false],
    [200, true],
  ])('busyPoll of %i µs: the device is looked at after a burst: %s', async (busyPoll, looked) => {
    up(namespace.enter(() => openTun('jf0', { busyPoll })))
    await namespace.shell('echo -n hello > /dev/udp/10.9.0.2/7777')
    await recorder.frame(({ bytes }) => new TextDecoder().decode(bytes.subarray(28)) === 'hello')
    // The look comes with the immediates of this turn; ours was asked for later.
    await new Promise(setImmediate)
    expect(device.counters.busyPolls > 0).toBe(looked)
  })

  test('a burst of many frames is delivered whole, and flushed fewer times than it has frames', async () => {
    // Looked at all the time, a device gives each frame as it comes.
    up(namespace.enter(() => openTun('jf0', { busyPoll: 0 })))
    await namespace.shell('for i in {1..300}; do echo -n x$i > /dev/udp/10.9.0.2/7777; done')
    await recorder.frame(({ bytes }) => new TextDecoder().decode(bytes.subarray(28)) === 'x300')
    expect(recorder.frames.length).toBe(300)
    expect(recorder.flushes).toBeLessThanOrEqual(300)
  })

  test('what a persistent interface was left to do by its last user is not asked of the next', async () => {
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tun')
    namespace.enter(() => openTun('jf0')).close()
    up(namespace.enter(() => openTun('jf0', { offloads: false })))
    await namespace.shell('echo -n hello > /dev/udp/10.9.0.2/7777')
    const { offload } = await recorder.frame(({ bytes }) => bytes[9] === UDP)
    expect(offload.checksum).toBe(CHECKSUM_NONE)
  })

  test('the MTU is that of the interface, and can be set lower for what we send', () => {
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tun')
    namespace.ip('link', 'set', 'jf0', 'mtu', '9000')
    device = namespace.enter(() => openTun('jf0'))
    expect(device.mtu).toBe(9000)
    device.close()
    device = namespace.enter(() => openTun('jf0', { mtu: 1280 }))
    expect(device.mtu).toBe(1280)
  })

  test('it runs once the kernel has noticed that both ends are up', async () => {
    device = namespace.enter(() => openTun('jf0'))
    expect(device.running).toBe(false)
    namespace.configure('jf0', '10.9.0.1/24')
    while (!device.running) await new Promise((resolve) => setImmediate(resolve))
    namespace.ip('link', 'set', 'jf0', 'down')
    expect(device.running).toBe(false)
    device.close()
    expect(device.running).toBe(false)
  })

  test("our end's hardware address is an individual's, locally administered, and another each time", () => {
    const first = namespace.enter(() => openTap('jf0'))
    device = namespace.enter(() => openTap('jf1'))
    const address = first.hardwareAddress as Uint8Array
    first.close()
    expect((address[0] as number) & 3).toBe(2)
    expect(address).not.toEqual(device.hardwareAddress)
    expect(Array.from(device.hardwareAddress as Uint8Array)).not.toEqual(Array.from(kernelAddress()))
  })

  test('an interface that another has open: EBUSY, and it says so', () => {
    device = namespace.enter(() => openTap('jf0'))
    expect(() => namespace.enter(() => openTap('jf0'))).toThrow(
      'ioctl EBUSY: attaching to jf0: device or resource busy. Another process has it open',
    )
  })

  test('an interface of another kind: EINVAL, and it says so', () => {
    device = namespace.enter(() => openTap('jf0'))
    expect(() => namespace.enter(() => openTun('jf0'))).toThrow(/^ioctl EINVAL: attaching to jf0: .*no tun interface/)
  })

  test('an interface that is deleted under the device: it is closed and its owner told once', async () => {
    const lost = new Promise<Error>((resolve) => {
      up(namespace.enter(() => openTap('jf0', { lost: resolve })))
    })
    namespace.ip('link', 'delete', 'jf0')
    expect((await lost).message).toContain('jf0')
    expect(device.transmit(new Uint8Array(64), 10, 64, new Offload())).toBe(true)
  })

  test('an exception of the receiver reaches the process, not the event loop of libuv, and reading goes on', () => {
    // In a process of its own: an uncaught exception is what the test waits for.
    const script = `
      import { openTun } from ${JSON.stringify(new URL('../../dist/os/index.js', import.meta.url).href)}
      import { execFileSync } from 'node:child_process'
      const device = openTun('jf0')
      let count = 0
      const ping = () => execFileSync('bash', ['-c', 'echo -n x > /dev/udp/10.9.0.2/7777'])
      process.on('uncaughtException', (error) => { console.log('caught', error.message); ping() })
      device.attach({
        receive() { if (++count === 1) throw new Error('boom') },
        flush() {
          Promise.resolve().then(() => { console.log('microtask'); device.close() })
        },
        writable() {},
      }, null)
      execFileSync('sysctl', ['-q', '-w', 'net.ipv6.conf.jf0.disable_ipv6=1'])
      execFileSync('ip', ['address', 'add', '10.9.0.1/24', 'dev', 'jf0'])
      execFileSync('ip', ['link', 'set', 'jf0', 'up'])
      ping()
    `
    const { status, stdout, stderr } = spawnSync(
      'ip',
      ['netns', 'exec', namespace.name, process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8', timeout: 50_000 },
    )
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'caught boom\nmicrotask\n', stderr: '' })
  })

  test('in a worker thread it says that it cannot', () => {
    const worker = `
      import { parentPort } from 'node:worker_threads'
      import { openTun } from ${JSON.stringify(new URL('../../dist/os/index.js', import.meta.url).href)}
      try { openTun('jf0').attach({}, null) } catch (error) { parentPort.postMessage(error.message) }
    `
    const script = `
      import { Worker } from 'node:worker_threads'
      new Worker(${JSON.stringify(worker)}, { eval: true }).on('message', console.log)
    `
    const { stdout } = spawnSync(
      'ip',
      ['netns', 'exec', namespace.name, process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8', timeout: 50_000 },
    )
    expect(stdout).toContain('main thread only')
  })

  test.each(['', 'a/b', 'a:b', 'a b', '..', 'tap%d', 'sixteen-letters!', 'ä'])(
    'the name %j is refused before any call',
    (name) => {
      expect(() => openTap(name)).toThrow(RangeError)
    },
  )

  test.each([0, 67, 65536, 1.5, Number.NaN])('an MTU of %s is refused', (mtu) => {
    expect(() => openTap('jf0', { mtu })).toThrow(/^mtu must be an integer from 68 to 65535, got /)
  })

  test('a hardware address that is no one’s is refused', () => {
    expect(() => openTap('jf0', 5 as never)).toThrow(/^options must be an object, got 5/)
    expect(() => openTun('jf0', { ofloads: false } as never)).toThrow(/^options has no 'ofloads': there are offloads, /)
    expect(() => openTap('jf0', { offloads: 'no' as never })).toThrow(/^offloads must be true or false, got "no"/)
    expect(() => openTap('jf0', { gather: 0 as never })).toThrow(/^gather must be true or false, got 0/)
    expect(() => openTap('jf0', { lost: 5 as never })).toThrow(/^lost must be a function, got 5/)
    for (const busyPoll of [-1, 0.5, 1_000_001]) {
      expect(() => openTap('jf0', { busyPoll })).toThrow(
        /^busyPoll must be an integer from 0 to 1000000 \(microseconds\), got /,
      )
    }
    expect(() => openTap('jf0', { hardwareAddress: new Uint8Array(5) })).toThrow(TypeError)
    expect(() => openTap('jf0', { hardwareAddress: Uint8Array.of(1, 0, 0, 0, 0, 1) })).toThrow(/group address/)
  })
})
