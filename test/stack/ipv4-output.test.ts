import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  IPPROTO_IP,
  SOCK_DGRAM,
} from '../../src/base/constants.ts'
import { EMSGSIZE } from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_TCP4 } from '../../src/device/device.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { FRAME_HEADROOM, ipOutput } from '../../src/stack/ip/ip-output.ts'
import type { Route } from '../../src/stack/ip/route.ts'
import { icmp, ipv4, OneStack, octets, PEER, parse, udp } from './one-stack.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

const FAR = '198.51.100.9'

function connected(host: OneStack, discover = IP_PMTUDISC_WANT, to = FAR): Endpoint {
  const endpoint = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  endpoint.bind(SocketAddress.internet('', 4000))
  endpoint.setOption(IPPROTO_IP, IP_MTU_DISCOVER, Uint8Array.of(discover, 0, 0, 0))
  expect(endpoint.connect(SocketAddress.internet(to, 53))).toBe(0)
  return endpoint
}

function send(endpoint: Endpoint, size: number): number {
  return endpoint.send(octets(size), 0, size, 0)
}

function mtuOf(endpoint: Endpoint): number {
  const value = new Uint8Array(4)
  endpoint.getOption(IPPROTO_IP, IP_MTU, value)
  return (value[0] as number) | ((value[1] as number) << 8)
}

/** "Fragmentation needed" with this MTU, about a datagram of 4000 → 53 of this length. */
function tooBig(mtu: number, length = 1500, destination = FAR, port = 4000): Uint8Array {
  const quoted = ipv4(udp(port, 53, octets(length - 28)), { source: '192.0.2.1', destination, dontFragment: true })
  return ipv4(icmp(3, 4, 0, mtu, quoted.slice(0, 28)), { source: '203.0.113.1', protocol: 1 })
}

describe('fragments out (RFC 791 section 3.2)', () => {
  test.each([
    [1472, [1500]],
    [1473, [1500, 21]],
    [1480, [1500, 28]],
    [2952, [1500, 1500]],
    [2953, [1500, 1500, 21]],
  ])('IPv4 output: %i octets of data make packets of %j', (size, lengths) => {
    const host = new OneStack()
    send(connected(host), size)
    const packets = host.device.take().map((packet) => parse(packet))
    expect(packets.map(({ totalLength }) => totalLength)).toEqual(lengths)
    expect(new Set(packets.map(({ identification }) => identification)).size).toBe(1)
    const whole = packets.flatMap(({ payload }) => [...payload])
    expect(whole.slice(8)).toEqual([...octets(size)])
    let offset = 0
    packets.forEach((packet, i) => {
      expect(packet.fragmentOffset).toBe(offset)
      expect(packet.moreFragments).toBe(i < packets.length - 1)
      offset += packet.payload.length
    })
  })

  test('IPv4 output: all but the last are multiples of 8 octets, whatever the MTU', () => {
    const host = new OneStack({}, new ScriptDevice('ip', 577))
    send(connected(host), 3000)
    const packets = host.device.take().map((packet) => parse(packet))
    expect(packets.length).toBe(6)
    for (const packet of packets.slice(0, -1)) expect(packet.payload.length).toBe(552)
  })

  test.each([
    ['want', IP_PMTUDISC_WANT, true, 2],
    ['do not', IP_PMTUDISC_DONT, false, 2],
    ['do', IP_PMTUDISC_DO, true, -EMSGSIZE],
    ['probe', IP_PMTUDISC_PROBE, true, -EMSGSIZE],
  ])('IPv4 output: path MTU discovery "%s" (ip(7), IP_MTU_DISCOVER)', (_what, discover, dontFragment, large) => {
    const host = new OneStack()
    const client = connected(host, discover)
    send(client, 1472)
    expect(parse(host.device.take()[0] as Uint8Array).dontFragment).toBe(dontFragment)
    const result = send(client, 1473)
    expect(result < 0 ? result : host.device.take().length).toBe(large)
  })

  test('IPv4 output: the rest of a datagram is not sent when the device is full in the middle', () => {
    const host = new OneStack()
    const client = connected(host)
    host.device.full = true
    expect(send(client, 5000)).toBe(-11)
    host.device.hasRoom()
    expect(send(client, 5000)).toBe(5000)
    expect(host.device.take().length).toBe(4)
  })
})

describe('path MTU (RFC 1191)', () => {
  test('path MTU: a report makes the packets to that destination smaller, and no others', () => {
    const host = new OneStack()
    const client = connected(host)
    const other = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    other.connect(SocketAddress.internet('198.51.100.10', 53))
    send(client, 1472)
    host.device.take()
    host.device.deliver(tooBig(1400))
    expect(mtuOf(client)).toBe(1400)
    expect(mtuOf(other)).toBe(1500)
    // It is told once, then its datagrams are cut.
    expect(send(client, 1472)).toBe(-EMSGSIZE)
    expect(send(client, 1472)).toBe(1472)
    expect(host.device.take().map((packet) => parse(packet).totalLength)).toEqual([1396, 124])
  })

  test.each([
    ['smaller than 552 counts as 552', 100, 552],
    ['of 68 counts as 552', 68, 552],
    ['larger than what is known counts for nothing', 9000, 1500],
    ['that the router does not know comes from the plateaus', 0, 1492],
  ])('path MTU: one %s (RFC 1191 sections 5, 7)', (_what, mtu, expected) => {
    const host = new OneStack()
    const client = connected(host)
    host.device.deliver(tooBig(mtu))
    expect(mtuOf(client)).toBe(expected)
  })

  test('path MTU: a later report of a larger one counts for nothing (RFC 1191 section 3)', () => {
    const host = new OneStack()
    const client = connected(host)
    host.device.deliver(tooBig(1400))
    host.device.deliver(tooBig(1450))
    client.recv(octets(1), 0, 1, 0)
    expect(mtuOf(client)).toBe(1400)
  })

  test.each([
    [1500, 1492],
    [1492, 1006],
    [1006, 552],
    [300, 552],
  ])('path MTU: after %i octets were too many without an MTU, %i are tried', (length, expected) => {
    const host = new OneStack()
    const client = connected(host)
    host.device.deliver(tooBig(0, length))
    expect(mtuOf(client)).toBe(expected)
  })

  test('path MTU: a report about a datagram of no socket of ours is not believed (RFC 5927 section 7)', () => {
    const host = new OneStack()
    const client = connected(host)
    host.device.deliver(tooBig(1000, 1500, FAR, 4001))
    expect(mtuOf(client)).toBe(1500)
    expect(host.stack.pathMtus.size).toBe(0)
  })

  test('path MTU: ten minutes after the last report the larger one is tried again (RFC 1191 section 6.3)', () => {
    const host = new OneStack()
    const client = connected(host)
    host.device.deliver(tooBig(1400))
    client.recv(octets(1), 0, 1, 0)
    host.run(300_000)
    host.device.deliver(tooBig(1300))
    client.recv(octets(1), 0, 1, 0)
    host.run(599_999)
    expect(mtuOf(client)).toBe(1300)
    host.run(2)
    expect(mtuOf(client)).toBe(1500)
    expect([host.stack.pathMtus.size, host.stack.time.count]).toEqual([0, 0])
  })

  test('path MTU: the table is bounded', () => {
    const host = new OneStack({ limits: { pathMtus: 10 } })
    for (let i = 1; i < 100; i++) {
      const client = connected(host, IP_PMTUDISC_WANT, `203.0.113.${i}`)
      host.device.deliver(tooBig(1400, 1500, `203.0.113.${i}`))
      client.close()
    }
    expect(host.stack.pathMtus.size).toBe(10)
  })
})

describe('identification (RFC 6864, RFC 7739)', () => {
  test('identification: datagrams that may be fragmented have another each', () => {
    const host = new OneStack()
    const client = connected(host, IP_PMTUDISC_DONT)
    for (let i = 0; i < 1000; i++) send(client, 1)
    const ids = host.device.take().map((packet) => parse(packet).identification)
    expect(new Set(ids).size).toBe(1000)
  })

  test('identification: what goes to others cannot be read from it', () => {
    const watched = (busy: boolean) => {
      const host = new OneStack()
      return Array.from({ length: 50 }, (_, i) => {
        const client = connected(host, IP_PMTUDISC_DONT)
        send(client, 1)
        const id = parse(host.device.take()[0] as Uint8Array).identification
        client.close()
        const other = connected(host, IP_PMTUDISC_DONT, '203.0.113.7')
        for (let n = 0; busy && n < i; n++) send(other, 1)
        host.device.take()
        other.close()
        return id
      })
    }
    expect(watched(true)).toEqual(watched(false))
  })

  test.each([
    ['may be fragmented', IP_PMTUDISC_DONT],
    ['is atomic', IP_PMTUDISC_DO],
  ])('identification: that of a datagram that %s does not tell the next', (_what, discovery) => {
    const host = new OneStack()
    const client = connected(host, discovery)
    for (let i = 0; i < 100; i++) send(client, 1)
    const ids = host.device.take().map((packet) => parse(packet).identification)
    expect(new Set(ids).size).toBe(100)
    const steps = ids.slice(1).map((id, i) => (id - (ids[i] as number)) & 0xffff)
    expect(new Set(steps).size).toBeGreaterThan(2)
    expect(steps.filter((step) => step < 64)).toEqual([])
  })
})

describe('what is left to the device', () => {
  const FEATURES = { checksum: true, largeSegment: 65535 }

  test('IPv4 output: a partial checksum is handed down with its place counted from the frame', () => {
    const host = new OneStack({}, new ScriptDevice('ip', 1500, FEATURES))
    send(connected(host), 10)
    expect(host.device.offloads[0]).toMatchObject({ checksum: CHECKSUM_PARTIAL, checksumStart: 20, checksumOffset: 6 })
    expect(() => parse(host.device.sent[0] as Uint8Array)).toThrow('bad transport checksum')
  })

  test('IPv4 output: on Ethernet its header counts as well, and so after waiting for a neighbour', () => {
    const host = new OneStack({}, new ScriptDevice('ethernet', 1500, FEATURES))
    const client = connected(host, IP_PMTUDISC_WANT, PEER)
    send(client, 10)
    host.device.take()
    host.device.deliver(
      hex('020000000001 020000000002 0806 0001 0800 06 04 0002 020000000002 c0000202 020000000001 c0000201'),
    )
    send(client, 10)
    for (const offload of host.device.offloads) {
      expect(offload).toMatchObject({ checksum: CHECKSUM_PARTIAL, checksumStart: 34, checksumOffset: 6 })
    }
    expect(host.device.sent.length).toBe(2)
    expect(toHex((host.device.sent[1] as Uint8Array).subarray(0, 14))).toBe('02 00 00 00 00 02 02 00 00 00 00 01 08 00')
  })

  test('IPv4 output: fragments leave nothing to the device', () => {
    const host = new OneStack({}, new ScriptDevice('ip', 1500, FEATURES))
    send(connected(host), 3000)
    expect(host.device.offloads.map(({ checksum }) => checksum)).toEqual([0, 0, 0])
  })

  function large(host: OneStack, segmentSize: number, length: number): number {
    const route = host.stack.routeTo(IpAddress.v4(0xc0000202), null, null) as Route
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumOffset = 16
    offload.segment = SEGMENT_TCP4
    offload.segmentSize = segmentSize
    offload.headerLength = 20
    const { frame } = host.stack
    const result = ipOutput(host.stack, route, 6, 64, 0, true, frame, FRAME_HEADROOM, FRAME_HEADROOM + length, offload)
    expect(offload).toMatchObject({ checksumStart: 0, headerLength: 20 })
    return result
  }

  test('IPv4 output: a large segment goes whole where the device cuts it', () => {
    const host = new OneStack({}, new ScriptDevice('ip', 1500, FEATURES))
    expect(large(host, 1460, 60_020)).toBe(0)
    expect(host.device.sent[0]?.length).toBe(60_040)
    expect(host.device.offloads[0]).toMatchObject({
      segment: 1,
      segmentSize: 1460,
      headerLength: 40,
      checksumStart: 20,
    })
    // Each of its packets counts, of both lengths and identifications.
    expect(large(host, 1460, 21)).toBe(0)
    const [first, second] = host.device.sent.map((packet) => ((packet[4] as number) << 8) | (packet[5] as number))
    const apart = Math.ceil(60_000 / 1460)
    expect(Math.abs((second as number) - (first as number))).toBeGreaterThanOrEqual(apart)
    expect(large(host, 1461, 60_020)).toBe(-EMSGSIZE)
  })

  test('IPv4 output: a device that cuts nothing gets none', () => {
    expect(large(new OneStack(), 1460, 60_020)).toBe(-EMSGSIZE)
  })
})
