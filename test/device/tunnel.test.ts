import { describe, expect, it } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { CHECKSUM_PARTIAL, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { Tunnel, type TunnelOptions } from '../../src/device/tunnel.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { packet } from './packets.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

function tunnel(options: TunnelOptions = {}) {
  const clock = new ManualClock()
  const { left, right } = new Tunnel(options)
  const atLeft = new Recorder(() => clock.now())
  const atRight = new Recorder(() => clock.now())
  left.attach(atLeft, clock)
  right.attach(atRight, clock)
  return { clock, left, right, atLeft, atRight }
}

describe('Tunnel', () => {
  it('carries packets in both directions as they are, after transmit has returned, in bursts', () => {
    const { clock, left, right, atLeft, atRight } = tunnel()
    lend(left, counting(20))
    lend(left, counting(1500, 7))
    lend(right, counting(40, 3))
    expect([...atLeft.calls, ...atRight.calls]).toEqual([])
    clock.settle()
    expect(atRight.frames.map(({ bytes }) => hex(bytes))).toEqual([hex(counting(20)), hex(counting(1500, 7))])
    expect(atRight.calls).toEqual(['receive', 'receive', 'flush'])
    expect(hex(atLeft.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(40, 3)))
  })

  it('is of medium ip, without hardware addresses, its ends named after it', () => {
    const { left, right } = tunnel({ name: 'line' })
    expect([left.name, right.name]).toEqual(['line.left', 'line.right'])
    expect(left).toMatchObject({ medium: 'ip', hardwareAddress: null, mtu: 1500, headroom: 0 })
  })

  it('drops and counts what is longer than its MTU', () => {
    const { clock, left, atRight } = tunnel({ mtu: 1000 })
    lend(left, counting(1001))
    lend(left, counting(1000))
    clock.settle()
    expect(atRight.frames.map(({ bytes }) => bytes.length)).toEqual([1000])
    expect(left.sent.badLength).toBe(1)
  })

  it('with offloads passes partial checksums and large segments; without has none of both', () => {
    expect(tunnel().left.features).toEqual({ checksum: false, largeSegment: 0 })
    const { clock, left, atRight } = tunnel({ offloads: true })
    expect(left.features).toEqual({ checksum: true, largeSegment: 65535 })
    const { bytes, offload } = packet(counting(40_000), { segmentSize: 1460, medium: 'ip' })
    lend(left, bytes, offload)
    clock.settle()
    expect(atRight.frames[0]?.offload).toMatchObject({ segment: SEGMENT_TCP4, checksum: CHECKSUM_PARTIAL })
    expect(hex(atRight.frames[0]?.bytes as Uint8Array)).toBe(hex(bytes))
  })

  it('loses nothing: who finds it full is refused, and told when half of it is free', () => {
    const { clock, left, atLeft, atRight } = tunnel({ queue: 65536 })
    let sent = 0
    while (lend(left, counting(1000))) sent++
    expect(sent).toBe(65)
    clock.settle()
    expect(atRight.frames.length).toBe(65)
    expect(atLeft.calls).toEqual(['writable'])
  })

  it('rate and delay: packets take their time', () => {
    // 125 octets are 1000 bits: one millisecond at a million bits a second.
    const { clock, left, atRight } = tunnel({ rate: 1e6, delay: 10 })
    for (let i = 0; i < 3; i++) lend(left, counting(125))
    clock.advanceTo(100)
    expect(atRight.frames.map(({ at }) => at)).toEqual([11, 12, 13])
  })

  it('a closed end loses what is under way', () => {
    const { clock, left, right, atRight } = tunnel({ delay: 5 })
    lend(left, counting(100))
    right.close()
    clock.advanceTo(10)
    expect(atRight.frames).toEqual([])
  })

  it('joins two stacks point to point', async () => {
    const clock = new ManualClock(1000)
    const line = new Tunnel()
    const here = new Stack({ clock, random: new SeededRandom(1) })
    const there = new Stack({ clock, random: new SeededRandom(2) })
    here.attach(line.left, { address: '10.0.0.1/30' })
    there.attach(line.right, { address: '10.0.0.2/30' })
    const server = new Socket(there, AF_INET, SOCK_DGRAM)
    server.bind({ address: '', port: 9 })
    const client = new Socket(here, AF_INET, SOCK_DGRAM)
    await client.sendto(counting(3000), { address: '10.0.0.2', port: 9 })
    clock.advanceTo(2000)
    const got = new Uint8Array(4000)
    expect(await server.recvfrom(got)).toMatchObject({ length: 3000, address: { address: '10.0.0.1' } })
    expect(hex(got, 0, 3000)).toBe(hex(counting(3000)))
  })

  it('names an option that cannot be', () => {
    expect(() => new Tunnel({ mtu: 67 })).toThrow('options.mtu must be an integer from 68 to 65535, got 67')
    expect(() => new Tunnel({ rate: 0 })).toThrow('options.rate must be greater than 0, got 0')
    expect(() => new Tunnel({ delay: -1 })).toThrow('options.delay must be 0 or more milliseconds, got -1')
    expect(() => new Tunnel({ queue: '1' as never })).toThrow('options.queue must be a number, got "1"')
    expect(() => new Tunnel({ hardwareAddresses: [] } as never)).toThrow("options has no 'hardwareAddresses'")
  })
})
