import { describe, expect, it } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type Device, Offload, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { wireOf } from '../../src/device/frame-checked-wire.ts'
import { Switch, type SwitchOptions } from '../../src/device/switch.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { checksumsHold, packet } from './packets.ts'
import { counting, hex, lend, octets, Recorder } from './recorder.ts'

/** Host n has the address 02:00:00:00:00:0n. */
function host(n: number): string {
  return `02 00 00 00 00 ${n.toString(16).padStart(2, '0')}`
}

const BROADCAST = 'ff ff ff ff ff ff'

function frame(to: string, from: string, length = 100): Uint8Array {
  const bytes = counting(length)
  bytes.set(octets(`${to} ${from} 08 00`))
  return bytes
}

/** A switch with `count` ports, each with a recorder. */
function lan(count: number, options: Partial<SwitchOptions> = {}) {
  const clock = new ManualClock()
  const lan = new Switch({ clock, ...options })
  const ports = Array.from({ length: count }, () => {
    const port = lan.port()
    const heard = new Recorder(() => clock.now())
    port.attach(heard, clock)
    return { port, heard }
  })
  const at = (i: number) => ports[i] as (typeof ports)[number]
  /** Sends, and says at which ports that was heard. */
  const heardAt = (i: number, bytes: Uint8Array): number[] => {
    const before = ports.map(({ heard }) => heard.frames.length)
    expect(lend(at(i).port, bytes)).toBe(true)
    clock.settle()
    return ports.flatMap(({ heard }, j) => (heard.frames.length > (before[j] as number) ? [j] : []))
  }
  return { clock, lan, at, heardAt, ports }
}

describe('Switch: learning and forwarding (IEEE 802.1D 7.7 to 7.9)', () => {
  it('floods a frame to an address not yet heard, never back to where it came from', () => {
    const { heardAt, at } = lan(3)
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([1, 2])
    expect(at(0).port.sent).toMatchObject({ frames: 1, octets: 100, flooded: 1 })
    expect(hex(at(2).heard.frames[0]?.bytes as Uint8Array)).toBe(hex(frame(host(2), host(1))))
  })

  it('sends to the one port at which the destination was heard', () => {
    const { heardAt } = lan(3)
    heardAt(1, frame(BROADCAST, host(2)))
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([1])
    expect(heardAt(1, frame(host(1), host(2)))).toEqual([0])
  })

  it('follows an address that moves to another port', () => {
    const { heardAt } = lan(3)
    heardAt(1, frame(BROADCAST, host(2)))
    heardAt(2, frame(BROADCAST, host(2)))
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([2])
  })

  it('sends a frame whose destination is at the port it came from nowhere', () => {
    const { heardAt, at } = lan(3)
    heardAt(0, frame(BROADCAST, host(1)))
    heardAt(0, frame(BROADCAST, host(2)))
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([])
    expect(at(0).port.sent.filtered).toBe(1)
  })

  it('floods group addresses, and does not learn one as a source (7.8)', () => {
    const { heardAt, lan: net } = lan(3)
    expect(heardAt(0, frame('01 00 5e 00 00 01', host(1)))).toEqual([1, 2])
    expect(heardAt(1, frame(BROADCAST, '03 00 00 00 00 09'))).toEqual([0, 2])
    expect(net.addresses().map(({ hardwareAddress }) => hardwareAddress)).toEqual(['02:00:00:00:00:01'])
  })

  it.each(['00', '01', '0e', '0f'])('keeps frames for 01:80:c2:00:00:%s to itself (7.12.6)', (last) => {
    const { heardAt, at } = lan(2)
    expect(heardAt(0, frame(`01 80 c2 00 00 ${last}`, host(1)))).toEqual([])
    expect(at(0).port.sent.reserved).toBe(1)
    expect(heardAt(0, frame('01 80 c2 00 00 10', host(1)))).toEqual([1])
  })

  it('forgets an address 300 s after it was last heard, not sooner (7.9.2)', () => {
    const { clock, heardAt, lan: net } = lan(3)
    heardAt(1, frame(BROADCAST, host(2)))
    clock.advanceTo(200_000)
    heardAt(1, frame(BROADCAST, host(2)))
    clock.advanceTo(499_999)
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([1])
    expect(net.addresses().map(({ age }) => age)).toEqual([299_999, 0])
    clock.advanceTo(500_000)
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([1, 2])
  })

  it('holds as many addresses as it was told to: the one heard longest ago makes room', () => {
    const { heardAt, lan: net } = lan(3, { addresses: 3 })
    for (const n of [1, 2, 3, 1, 4]) heardAt(1, frame(BROADCAST, host(n)))
    expect(net.addresses().map(({ hardwareAddress }) => hardwareAddress.slice(-1))).toEqual(['3', '1', '4'])
    expect(net.forgotten).toBe(1)
    expect(heardAt(0, frame(host(2), host(9)))).toEqual([1, 2])
  })

  it('keeps thousands of addresses apart, and finds each where it was heard last', () => {
    const { clock, at, lan: net } = lan(3, { addresses: 5000, queue: 1 << 24 })
    const random = new SeededRandom(7)
    const where = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const n = (random.int32() >>> 0) % 6000
      const address = `02 00 00 ${hex(Uint8Array.of(n >> 16, n >> 8, n))}`
      const port = i % 3
      lend(at(port).port, frame(BROADCAST, address, 60))
      where.delete(address)
      where.set(address, port)
      if (i % 500 === 0) clock.settle()
    }
    const expected = [...where].slice(-5000).map(([address, port]) => `${address.replaceAll(' ', ':')} ${port}`)
    const ports = [at(0).port, at(1).port, at(2).port]
    expect(
      net.addresses().map(({ hardwareAddress, port }) => `${hardwareAddress} ${ports.indexOf(port as never)}`),
    ).toEqual(expected)
  })

  it('a port that is closed is out, and what was learnt of it forgotten', () => {
    const { heardAt, at, lan: net } = lan(3)
    heardAt(1, frame(BROADCAST, host(2)))
    at(1).port.close()
    at(1).port.close()
    expect(net.ports.length).toBe(2)
    expect(net.addresses()).toEqual([])
    expect(heardAt(0, frame(host(2), host(1)))).toEqual([2])
    expect(heardAt(1, frame(BROADCAST, host(2)))).toEqual([])
  })
})

describe('Switch: frames', () => {
  it('delivers only after transmit has returned, in bursts', () => {
    const { clock, at } = lan(2)
    for (let i = 0; i < 3; i++) lend(at(0).port, frame(BROADCAST, host(1)))
    expect(at(1).heard.calls).toEqual([])
    clock.settle()
    expect(at(1).heard.calls).toEqual(['receive', 'receive', 'receive', 'flush'])
  })

  it('passes frames with an 802.1Q tag unchanged, a full packet behind the tag too', () => {
    const { heardAt, at } = lan(2)
    const tagged = counting(1518)
    tagged.set(octets(`${BROADCAST} ${host(1)} 81 00 20 64 08 00`))
    expect(heardAt(0, tagged)).toEqual([1])
    expect(hex(at(1).heard.frames[0]?.bytes as Uint8Array)).toBe(hex(tagged))
  })

  it('drops and counts what is too long or shorter than a header', () => {
    const { heardAt, at } = lan(2)
    expect(heardAt(0, frame(BROADCAST, host(1), 1519))).toEqual([])
    expect(heardAt(0, counting(13))).toEqual([])
    expect(at(0).port.sent).toMatchObject({ frames: 0, badLength: 2 })
  })

  it('pads what leaves it, and finds damage on the wire of either direction by the frame check sequence', () => {
    const { heardAt, at } = lan(3)
    heardAt(0, frame(BROADCAST, host(1), 42))
    expect(at(1).heard.frames[0]?.bytes.length).toBe(60)
    const flip = (bytes: Uint8Array, start: number) => {
      bytes[start + 30] = (bytes[start + 30] as number) ^ 4
    }
    const wire = wireOf(at(0).port)
    if (wire === null) throw new Error('no wire')
    wire.outbound.disturbance = flip
    expect(heardAt(0, frame(BROADCAST, host(1), 42))).toEqual([])
    expect(at(0).port.sent.badFrameCheck).toBe(1)
    wire.outbound.disturbance = () => {}
    expect(heardAt(0, frame(BROADCAST, host(1), 42))).toEqual([1, 2])
    expect(at(1).heard.frames[1]?.bytes.length).toBe(60)
    wire.inbound.disturbance = flip
    expect(heardAt(1, frame(BROADCAST, host(2)))).toEqual([2])
    expect(at(0).port.received.badFrameCheck).toBe(1)
  })

  it('with offloads passes partial checksums and large segments as they are; without has none of both', () => {
    expect(lan(1).at(0).port.features).toEqual({ checksum: false, largeSegment: 0 })
    const { clock, at } = lan(2, { offloads: true })
    expect(at(0).port.features).toEqual({ checksum: true, largeSegment: 65535 })
    expect(wireOf(at(0).port)).toBe(null)
    const { bytes, offload } = packet(counting(40_000), { segmentSize: 1460 })
    lend(at(0).port, bytes, offload)
    clock.settle()
    expect(at(1).heard.frames[0]?.bytes.length).toBe(bytes.length)
    expect(at(1).heard.frames[0]?.offload).toMatchObject({ segment: SEGMENT_TCP4, checksum: CHECKSUM_PARTIAL })
  })
})

describe('Switch: full queues', () => {
  it('makes a stack wait whose frame is for one full port, and tells it when half of the queue is free', () => {
    const { clock, at, heardAt } = lan(3, { queue: 65536 })
    heardAt(1, frame(BROADCAST, host(2)))
    const calls = at(0).heard.calls.length
    let sent = 0
    while (lend(at(0).port, frame(host(2), host(1), 1000))) sent++
    expect(sent).toBe(65)
    expect(lend(at(2).port, frame(host(1), host(3)))).toBe(true)
    clock.settle()
    expect(at(1).heard.frames.length).toBe(sent)
    expect(
      at(0)
        .heard.calls.slice(calls)
        .filter((call) => call === 'writable'),
    ).toEqual(['writable'])
    expect(at(2).heard.calls).not.toContain('writable')
    expect(at(0).port.sent.frames).toBe(sent)
    expect(at(1).port.lost).toBe(0)
  })

  it('a sender that waits is told when the port it waits for is closed', () => {
    const { clock, at, heardAt } = lan(2, { queue: 65536 })
    heardAt(1, frame(BROADCAST, host(2)))
    while (lend(at(0).port, frame(host(2), host(1), 1000)));
    at(1).port.close()
    clock.settle()
    expect(at(0).heard.calls.filter((call) => call === 'writable')).toEqual(['writable'])
  })

  it('loses frames for all at the ports that are full, and nowhere else', () => {
    const { clock, at, lan: net } = lan(1, { queue: 65536 })
    const stuck = new Plugged()
    stuck.takes = 0
    const plug = net.plug(stuck)
    for (let i = 0; i < 40; i++) {
      lend(at(0).port, frame(BROADCAST, host(1), 1000))
      lend(at(0).port, frame(BROADCAST, host(1), 1000))
      clock.settle()
    }
    const { lost } = plug
    expect(lost).toBeGreaterThan(10)
    expect([stuck.taken.length, at(0).port.lost]).toEqual([0, 0])
    // It was offered one frame, and nothing again until it says that it has room.
    expect(stuck.offered).toBe(1)
    stuck.takes = 1000
    plug.writable()
    clock.settle()
    expect(stuck.taken.length).toBe(80 - lost)
    expect(plug.received.frames).toBe(80 - lost)
  })
})

describe('Switch: large segments and full queues', () => {
  it('of a large segment that does not fit whole the first packets are taken, in order, and the others lost', () => {
    const { clock, lan: net } = lan(0, { queue: 16384 })
    const [to, from] = [new Plugged(), new Plugged()]
    const plug = net.plug(to)
    net.plug(from)
    // Fourteen packets, of which the last is small enough for the room that the tenth or so did not find.
    const { bytes, offload } = packet(counting(13 * 1460 + 1), { segmentSize: 1460 })
    from.receiver?.receive(bytes, 0, bytes.length, offload)
    clock.settle()
    expect(to.taken.length).toBeGreaterThan(5)
    expect(to.taken.every((one) => one.bytes.length === 1514)).toBe(true)
    expect(plug.lost).toBe(14 - to.taken.length)
  })
})

/** A device to plug in, by hand. */
class Plugged implements Device {
  readonly name = 'plugged'
  readonly medium = 'ethernet'
  mtu = 1500
  readonly hardwareAddress = null
  headroom = 11
  features = { checksum: false, largeSegment: 0 }
  takes = 1000
  closed = 0
  offered = 0
  readonly taken: { readonly bytes: Uint8Array; readonly offload: Offload }[] = []
  receiver: Recorder | null = null

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    this.offered++
    if (this.takes-- <= 0) return false
    if (start < this.headroom) throw new Error('there is no room for a header')
    bytes.fill(0xee, start - this.headroom, start)
    const kept = new Offload()
    kept.set(offload)
    this.taken.push({ bytes: bytes.slice(start, end), offload: kept })
    return true
  }

  attach(receiver: unknown): void {
    this.receiver = receiver as Recorder
  }

  close(): void {
    this.closed++
  }
}

describe('Switch: plugged devices', () => {
  it('bridges: what comes from a device goes to ports and devices, and back, each to where it was heard', () => {
    const { clock, at, lan: net } = lan(1)
    const [one, two] = [new Plugged(), new Plugged()]
    net.plug(one)
    net.plug(two)
    const incoming = frame(host(1), host(7))
    one.receiver?.receive(incoming, 0, incoming.length, new Offload())
    one.receiver?.flush()
    clock.settle()
    expect(two.taken.map(({ bytes }) => hex(bytes))).toEqual([hex(incoming)])
    expect(hex(at(0).heard.frames[0]?.bytes as Uint8Array)).toBe(hex(incoming))
    lend(at(0).port, frame(host(7), host(1)))
    clock.settle()
    expect([one.taken.length, two.taken.length]).toEqual([1, 1])
  })

  it('completes checksums and cuts large segments where the next hop does not', () => {
    const { clock, at, lan: net } = lan(1)
    const [one, two] = [new Plugged(), new Plugged()]
    two.features = { checksum: true, largeSegment: 65535 }
    const from = new Plugged()
    for (const device of [one, two, from]) net.plug(device)
    const large = packet(counting(4000), { segmentSize: 1460 })
    const partial = packet(counting(500), { partial: true, protocol: 'udp' })
    for (const { bytes, offload } of [large, partial]) from.receiver?.receive(bytes, 0, bytes.length, offload)
    clock.settle()
    expect(one.taken.map(({ bytes }) => bytes.length)).toEqual([1514, 1514, 1134, 542])
    expect(one.taken.every(({ bytes, offload }) => checksumsHold(bytes) && offload.checksum === CHECKSUM_NONE)).toBe(
      true,
    )
    expect(two.taken.map(({ bytes, offload }) => [bytes.length, offload.checksum])).toEqual([
      [4054, CHECKSUM_PARTIAL],
      [542, CHECKSUM_PARTIAL],
    ])
    expect(at(0).heard.frames.map(({ bytes }) => bytes.length)).toEqual([1514, 1514, 1134, 542])
    expect(at(0).heard.frames.every(({ bytes }) => checksumsHold(bytes))).toBe(true)
  })

  it('cuts a large segment of UDP for any device: none says that it takes one', () => {
    const { clock, lan: net } = lan(0)
    const [to, from] = [new Plugged(), new Plugged()]
    to.features = { checksum: true, largeSegment: 65535 }
    net.plug(to)
    net.plug(from)
    const { bytes, offload } = packet(counting(3000), { segmentSize: 1000, protocol: 'udp' })
    from.receiver?.receive(bytes, 0, bytes.length, offload)
    clock.settle()
    expect(to.taken.map((one) => one.bytes.length)).toEqual([1042, 1042, 1042])
    expect(to.taken.every((one) => checksumsHold(one.bytes))).toBe(true)
  })

  it('drops and counts packets that are longer than the MTU of the device, and large segments made of such', () => {
    const { clock, at, lan: net } = lan(1)
    const small = new Plugged()
    small.mtu = 1000
    small.features = { checksum: true, largeSegment: 65535 }
    const plug = net.plug(small)
    const from = new Plugged()
    net.plug(from)
    lend(at(0).port, frame(BROADCAST, host(1), 1019))
    lend(at(0).port, frame(BROADCAST, host(1), 1018))
    const { bytes, offload } = packet(counting(4000), { segmentSize: 1460 })
    from.receiver?.receive(bytes, 0, bytes.length, offload)
    clock.settle()
    expect(small.taken.map((one) => one.bytes.length)).toEqual([1018])
    expect(plug.received.badLength).toBe(2)
  })

  it('a large segment whose headers cannot be read is dropped and counted', () => {
    const { clock, lan: net } = lan(0)
    const [to, from] = [new Plugged(), new Plugged()]
    const plug = net.plug(to)
    net.plug(from)
    const { bytes, offload } = packet(counting(4000), { segmentSize: 1460 })
    bytes[14] = 0x4f
    bytes[23] = 99
    from.receiver?.receive(bytes, 0, bytes.length, offload)
    clock.settle()
    expect([to.taken.length, plug.received.badLength]).toEqual([0, 1])
  })

  it('closing takes the device out and closes it, once', () => {
    const { heardAt, lan: net } = lan(1)
    const device = new Plugged()
    const plug = net.plug(device)
    plug.close()
    plug.close()
    expect(device.closed).toBe(1)
    expect(net.ports.length).toBe(1)
    expect(heardAt(0, frame(BROADCAST, host(1)))).toEqual([])
    const late = frame(BROADCAST, host(2))
    device.receiver?.receive(late, 0, late.length, new Offload())
    expect(net.addresses().length).toBe(1)
    expect(device.taken.length).toBe(0)
  })

  it('refuses what carries no Ethernet, and says what is wrong with options', () => {
    const clock = new ManualClock()
    const net = new Switch({ clock })
    expect(() => net.plug({ ...new Plugged(), medium: 'ip' } as never)).toThrow(TypeError)
    const ip = new Plugged() as unknown as Device
    Object.assign(ip, { medium: 'ip' })
    expect(() => net.plug(ip)).toThrow('device must carry Ethernet frames, got plugged, which carries ip')
    expect(() => net.port('a', new Uint8Array(5))).toThrow('hardwareAddress must have 6 octets, got 5')
    expect(() => net.port('a', octets('01 00 00 00 00 01'))).toThrow(
      'hardwareAddress must be the address of one host, got 01:00:00:00:00:01',
    )
    expect(() => new Switch({ clock, addresses: 0 })).toThrow('options.addresses must be an integer from 1 to')
    expect(() => new Switch({ clock, aging: 0 })).toThrow('options.aging must be greater than 0, got 0')
    expect(() => new Switch({} as never)).toThrow('options.clock must be a Clock, got undefined')
    expect(() => new Switch({ clock, colour: 1 } as never)).toThrow("options has no 'colour'")
  })
})

describe('Switch: with stacks', () => {
  it.each([false, true])(
    'two hosts on two switches joined by a cable exchange a megabyte (offloads: %s)',
    async (offloads) => {
      const clock = new ManualClock(1000)
      const [here, there] = [new Switch({ clock, offloads }), new Switch({ clock, offloads })]
      const cable = new Cable({ delay: 0.1 })
      here.plug(cable.left)
      there.plug(cable.right)
      const one = new Stack({ clock, random: new SeededRandom(1) })
      const two = new Stack({ clock, random: new SeededRandom(2) })
      one.attach(here.port(), { address: '10.0.0.1/24' })
      two.attach(there.port(), { address: '10.0.0.2/24' })
      const listener = new Socket(two, AF_INET, SOCK_STREAM)
      listener.bind({ address: '', port: 80 })
      listener.listen()
      const client = new Socket(one, AF_INET, SOCK_STREAM)
      const connected = client.connect({ address: '10.0.0.2', port: 80 })
      clock.advanceTo(1500)
      await connected
      const server = await listener.accept()
      const data = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 31 + (i >> 8))
      const sending = client.send(data)
      const got = new Uint8Array(data.length)
      let length = 0
      while (length < data.length) {
        const count = server.tryRecv(got.subarray(length))
        if (count > 0) length += count
        else {
          clock.advanceTo(clock.now() + 1)
          await null
        }
        if (clock.now() > 60_000) throw new Error(`${length} octets in a minute`)
      }
      expect(await sending).toBe(data.length)
      expect(Buffer.compare(got, data)).toBe(0)
      expect([...here.ports, ...there.ports].map(({ lost }) => lost)).toEqual([0, 0, 0, 0])
    },
  )
})
