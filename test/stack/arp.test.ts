import { expect, test } from 'vitest'
import { AF_INET, POLLERR, SOCK_DGRAM } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import {
  NEIGHBOUR_DELAY,
  NEIGHBOUR_FAILED,
  NEIGHBOUR_INCOMPLETE,
  NEIGHBOUR_PROBE,
  NEIGHBOUR_REACHABLE,
  NEIGHBOUR_STALE,
  type Neighbour,
} from '../../src/stack/link/neighbour.ts'
import type { IcmpReport } from '../../src/stack/transport/transport.ts'
import { OneStack, octets } from './one-stack.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

const US = '02 00 00 00 00 01'
const HER = '02 00 00 00 00 02'
const OTHER = '02 00 00 00 00 03'
const ALL = 'ff ff ff ff ff ff'
const NOBODY = '00 00 00 00 00 00'
const OUR_IP = 'c0 00 02 01'
const HER_IP = 'c0 00 02 02'
const REQUEST = '00 01'
const REPLY = '00 02'

/** A frame with an ARP packet, from the hardware address that the packet names as sender. */
function arp(to: string, operation: string, from: string, fromIp: string, target: string, targetIp: string): string {
  return `${to} ${from} 08 06 00 01 08 00 06 04 ${operation} ${from} ${fromIp} ${target} ${targetIp}`
}

class Host extends OneStack {
  constructor(options: ConstructorParameters<typeof OneStack>[0] = {}) {
    super(options, new ScriptDevice('ethernet'))
  }

  /** Sends a datagram of 4 octets to 192.0.2.2, or the given host of the subnet. */
  send(host = 2, size = 4): number {
    const endpoint = this.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    const result = endpoint.sendmsg(new Message([octets(size)], SocketAddress.internet(`192.0.2.${host}`, 9)), 0)
    endpoint.close()
    return result
  }

  her(): Neighbour | null {
    return this.link.neighbours?.get(IpAddress.v4(0xc0000202)) ?? null
  }

  deliver(...frames: string[]): void {
    this.device.deliver(...frames.map(hex))
  }

  /** What was sent: ARP packets in full, of others the addresses and type of the frame. */
  took(): string[] {
    return this.device
      .take()
      .map((frame) => toHex(frame))
      .map((text) => (text.slice(36, 41) === '08 06' ? text : text.slice(0, 41)))
  }

  /** Makes 192.0.2.2 known. */
  meet(): void {
    this.send()
    this.deliver(arp(US, REPLY, HER, HER_IP, US, OUR_IP))
    this.device.take()
  }
}

const ASKING = arp(ALL, REQUEST, US, OUR_IP, NOBODY, HER_IP)
const ANSWER = arp(US, REPLY, HER, HER_IP, US, OUR_IP)
const PACKET_TO_HER = `${HER} ${US} 08 00`

test('ARP: the first packet draws a request; the answer lets it go (RFC 826)', () => {
  const host = new Host()
  expect(host.send()).toBe(4)
  expect(host.took()).toEqual([ASKING])
  expect(host.her()?.state).toBe(NEIGHBOUR_INCOMPLETE)
  host.deliver(ANSWER)
  expect(host.took()).toEqual([PACKET_TO_HER])
  expect(host.her()?.state).toBe(NEIGHBOUR_REACHABLE)
  host.send()
  expect(host.took()).toEqual([PACKET_TO_HER])
})

test('ARP: many packets wait, one request goes out a second (RFC 1122 section 2.3.2.1)', () => {
  const host = new Host()
  for (let i = 0; i < 10; i++) host.send()
  host.run(999)
  expect(host.took()).toEqual([ASKING])
  host.run(1)
  expect(host.took()).toEqual([ASKING])
  host.deliver(ANSWER)
  expect(host.took().length).toBe(10)
})

test('ARP: what waits is bounded, and the newest is kept (RFC 1122 section 2.3.2.2)', () => {
  const host = new Host({ limits: { neighbourPackets: 3 } })
  for (let size = 1; size <= 10; size++) host.send(2, size)
  host.device.take()
  host.deliver(ANSWER)
  expect(host.device.take().map((frame) => frame.length - 14 - 28)).toEqual([8, 9, 10])
  expect(host.stack.counters.neighbourDiscards).toBe(7)
})

test('ARP: a single packet larger than the bound still waits', () => {
  const host = new Host({ limits: { neighbourBytes: 10 } })
  host.send(2, 100)
  host.send(2, 200)
  host.device.take()
  host.deliver(ANSWER)
  expect(host.device.take().map((frame) => frame.length - 14 - 28)).toEqual([200])
})

test('ARP: after three requests without an answer the packets that waited are unreachable (RFC 1122 section 2.3.2.1)', () => {
  const host = new Host()
  const reports: string[] = []
  host.stack.udp.error = (report: IcmpReport) => {
    reports.push(`${report.errno} ${report.source} ${report.destination} ${report.protocol} ${report.hard}`)
  }
  host.send()
  host.run(2999)
  expect(host.took()).toEqual([ASKING, ASKING, ASKING])
  expect(reports).toEqual([])
  host.run(1)
  expect(reports).toEqual(['113 192.0.2.1 192.0.2.2 17 false'])
  expect(host.her()?.state).toBe(NEIGHBOUR_FAILED)
  expect(host.took()).toEqual([])
  expect(host.stack.time.count).toBe(0)
  // The next packet tries again.
  expect(host.send()).toBe(4)
  expect(host.took()).toEqual([ASKING])
})

test('ARP: of a datagram in fragments the sender hears once', () => {
  const host = new Host()
  let reports = 0
  host.stack.udp.error = () => {
    reports++
  }
  host.send(2, 5000)
  host.run(3000)
  expect(reports).toBe(1)
  expect(host.stack.counters.neighbourDiscards).toBe(4)
})

test('ARP: an answer that was sent to all does not prove that the way there works', () => {
  const host = new Host()
  host.send()
  host.deliver(arp(ALL, REPLY, HER, HER_IP, US, OUR_IP))
  expect(host.her()?.state).not.toBe(NEIGHBOUR_REACHABLE)
})

test('ARP: a socket that asked for errors hears EHOSTUNREACH', () => {
  const host = new Host()
  const client = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  client.setOption(0, 11, Uint8Array.of(1, 0, 0, 0))
  client.connect(SocketAddress.internet('192.0.2.2', 9))
  client.send(octets(4), 0, 4, 0)
  host.run(3000)
  expect(client.readiness() & POLLERR).toBe(POLLERR)
  expect(client.recv(new Uint8Array(4), 0, 4, 0)).toBe(-113)
})

test('ARP: a request for us is answered, and makes us know who asks (RFC 826)', () => {
  const host = new Host()
  host.deliver(arp(ALL, REQUEST, HER, HER_IP, NOBODY, OUR_IP))
  expect(host.took()).toEqual([arp(HER, REPLY, US, OUR_IP, HER, HER_IP)])
  expect(host.her()?.state).toBe(NEIGHBOUR_STALE)
  host.send()
  expect(host.took()).toEqual([PACKET_TO_HER])
})

test('ARP: a request for another is neither answered nor remembered (RFC 826)', () => {
  const host = new Host()
  host.deliver(arp(ALL, REQUEST, HER, HER_IP, NOBODY, 'c0 00 02 09'))
  // Nor one for an address that we have elsewhere.
  host.deliver(arp(ALL, REQUEST, HER, HER_IP, NOBODY, '7f 00 00 01'))
  expect(host.took()).toEqual([])
  expect(host.her()).toBe(null)
})

test('ARP: an announcement updates who is known and adds nobody (RFC 5227 section 4)', () => {
  const host = new Host()
  host.deliver(arp(ALL, REQUEST, OTHER, HER_IP, NOBODY, HER_IP))
  host.deliver(arp(ALL, REPLY, OTHER, HER_IP, OTHER, HER_IP))
  expect(host.her()).toBe(null)
  host.meet()
  host.run(1000)
  host.deliver(arp(ALL, REQUEST, OTHER, HER_IP, NOBODY, HER_IP))
  expect(host.her()).toMatchObject({ state: NEIGHBOUR_STALE, hardwareLow: 3 })
})

test('ARP: an answer that nobody asked for adds nobody', () => {
  const host = new Host()
  host.deliver(ANSWER)
  expect(host.her()).toBe(null)
})

test('ARP: of two that claim an address the second waits a second', () => {
  const host = new Host()
  host.meet()
  host.deliver(arp(US, REPLY, OTHER, HER_IP, US, OUR_IP))
  expect(host.her()?.hardwareLow).toBe(2)
  host.run(1000)
  host.deliver(arp(US, REPLY, OTHER, HER_IP, US, OUR_IP))
  expect(host.her()?.hardwareLow).toBe(3)
})

test('ARP: a known neighbour is asked by unicast when it was quiet for long, and used meanwhile', () => {
  const host = new Host()
  host.meet()
  host.run(45_000)
  host.stack.time.refresh()
  host.send()
  expect(host.took()).toEqual([PACKET_TO_HER])
  expect(host.her()?.state).toBe(NEIGHBOUR_DELAY)
  host.run(5000)
  expect(host.her()?.state).toBe(NEIGHBOUR_PROBE)
  expect(host.took()).toEqual([arp(HER, REQUEST, US, OUR_IP, NOBODY, HER_IP)])
  host.send()
  expect(host.took()).toEqual([PACKET_TO_HER])
  host.deliver(ANSWER)
  expect(host.her()?.state).toBe(NEIGHBOUR_REACHABLE)
  expect(host.stack.time.count).toBe(0)
})

test('ARP: one that no longer answers is asked three times by unicast, then by broadcast', () => {
  const host = new Host()
  host.meet()
  host.run(45_000)
  host.stack.time.refresh()
  host.send()
  host.device.take()
  host.run(8000)
  expect(host.took()).toEqual(new Array(3).fill(arp(HER, REQUEST, US, OUR_IP, NOBODY, HER_IP)))
  expect(host.her()?.state).toBe(NEIGHBOUR_FAILED)
  host.send()
  expect(host.took()).toEqual([ASKING])
})

test('ARP: a sign of life from above saves the question', () => {
  const host = new Host()
  host.meet()
  host.run(45_000)
  host.stack.time.refresh()
  host.send()
  host.her()?.confirm()
  host.device.take()
  host.run(10_000)
  expect(host.took()).toEqual([])
  expect(host.her()?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('ARP: signs of life from above count once a millisecond: no time is drawn for each acknowledgement', () => {
  let drawn = 0
  const random = { int32: () => ++drawn }
  const host = new Host({ random })
  host.meet()
  const confirmed = () => {
    const before = drawn
    for (let i = 0; i < 10; i++) host.her()?.confirm()
    return drawn - before
  }
  host.run(5)
  host.stack.time.refresh()
  expect([confirmed(), confirmed()]).toEqual([1, 0])
  host.run(1)
  host.stack.time.refresh()
  expect(confirmed()).toBe(1)
})

test.each([
  ["a group's hardware address", arp(US, REPLY, '03 00 00 00 00 02', HER_IP, US, OUR_IP)],
  ['no hardware address', arp(US, REPLY, NOBODY, HER_IP, US, OUR_IP)],
  ['the broadcast address', arp(US, REPLY, HER, 'c0 00 02 ff', US, OUR_IP)],
  ["a group's address", arp(US, REPLY, HER, 'e0 00 00 01', US, OUR_IP)],
  ['a loopback address', arp(US, REPLY, HER, '7f 00 00 01', US, OUR_IP)],
  ['a hardware length of 8', ANSWER.replace('08 00 06 04', '08 00 08 04')],
])('ARP: a packet from %s is dropped', (_what, frame) => {
  const host = new Host()
  host.send()
  host.device.take()
  host.deliver(frame)
  expect(host.stack.counters.arpErrors).toBe(1)
  expect(host.her()?.state).toBe(NEIGHBOUR_INCOMPLETE)
})

test('ARP: a probe for our address is answered and makes us know nobody (RFC 5227 section 2.1.1)', () => {
  const host = new Host()
  host.deliver(arp(ALL, REQUEST, HER, '00 00 00 00', NOBODY, OUR_IP))
  expect(host.took()).toEqual([arp(HER, REPLY, US, OUR_IP, HER, '00 00 00 00')])
  expect(host.link.neighbours?.size).toBe(0)
})

test('ARP: who uses our address is told so, once in ten seconds (RFC 5227 section 2.4)', () => {
  const host = new Host()
  const conflict = arp(ALL, REQUEST, OTHER, OUR_IP, NOBODY, OUR_IP)
  host.deliver(conflict, conflict)
  expect(host.took()).toEqual([arp(ALL, REQUEST, US, OUR_IP, NOBODY, OUR_IP)])
  host.run(9999)
  host.deliver(conflict)
  expect(host.took()).toEqual([])
  host.run(1)
  host.deliver(conflict)
  expect(host.took().length).toBe(1)
  expect(host.stack.counters.arpConflicts).toBe(4)
})

test('ARP: our own frame that comes back is no conflict', () => {
  const host = new Host()
  host.deliver(ASKING.replace(HER_IP, OUR_IP))
  expect(host.stack.counters.arpConflicts).toBe(0)
})

const WANTED = 'c0 00 02 05'

function probing(host: Host): boolean[] {
  const decided: boolean[] = []
  host.stack.probeAddress(host.link, IpAddress.v4(0xc0000205), 120, (usable) => decided.push(usable))
  return decided
}

test('ARP: an address that is probed for is asked for three times, then announced twice (RFC 5227 sections 2.1, 2.3)', () => {
  const host = new Host()
  const decided = probing(host)
  const probe = arp(ALL, REQUEST, US, '00 00 00 00', NOBODY, WANTED)
  const announcement = arp(ALL, REQUEST, US, WANTED, NOBODY, WANTED)
  const sent: string[] = []
  while (sent.length < 3) {
    host.run(1)
    sent.push(...host.took())
  }
  expect(sent).toEqual([probe, probe, probe])
  // Not ours yet: neither answered for nor used.
  host.deliver(arp(ALL, REQUEST, HER, HER_IP, NOBODY, WANTED))
  expect(host.took()).toEqual([])
  expect(host.stack.isOwnAddress(IpAddress.v4(0xc0000205))).toBe(false)
  host.run(2000)
  expect(decided).toEqual([true])
  host.run(2000)
  expect(host.took()).toEqual([announcement, announcement])
  host.deliver(arp(ALL, REQUEST, HER, HER_IP, NOBODY, WANTED))
  expect(host.took()).toEqual([arp(HER, REPLY, US, WANTED, HER, HER_IP)])
  expect(host.stack.time.count).toBe(0)
})

test.each([
  ['has it', arp(US, REPLY, OTHER, WANTED, US, '00 00 00 00')],
  ['probes for it too', arp(ALL, REQUEST, OTHER, '00 00 00 00', NOBODY, WANTED)],
])('ARP: an address that another host %s is given up (RFC 5227 section 2.1.1)', (_what, frame) => {
  const host = new Host()
  const decided = probing(host)
  host.run(1500)
  host.device.take()
  host.deliver(frame)
  expect(decided).toEqual([false])
  host.run(10_000)
  expect(host.took()).toEqual([])
  expect(host.link.addresses.length).toBe(1)
  expect(host.stack.time.count).toBe(0)
})

test('ARP: the table is bounded; who was used lately stays', () => {
  const host = new Host({ limits: { neighbours: 4 } })
  host.meet()
  for (let i = 3; i < 50; i++) {
    host.send(i)
    host.run(1)
    host.stack.tablesChanged()
    host.send(2)
  }
  expect(host.link.neighbours?.size).toBe(4)
  expect(host.her()?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('ARP: who asks for us under many names does not push out who we talk to', () => {
  const host = new Host({ limits: { neighbours: 4 } })
  host.meet()
  for (let i = 3; i < 50; i++) {
    const name = i.toString(16).padStart(2, '0')
    host.deliver(arp(ALL, REQUEST, OTHER, `c0 00 02 ${name}`, NOBODY, OUR_IP))
  }
  expect(host.link.neighbours?.size).toBe(4)
  expect(host.her()?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('ARP: a neighbour that the table gave up is asked for again by who still holds the way to it', () => {
  const host = new Host({ limits: { neighbours: 1 } })
  const client = host.udp(4000)
  client.connect(SocketAddress.internet('192.0.2.2', 9))
  host.send(3)
  host.device.take()
  expect(client.send(octets(4), 0, 4, 0)).toBe(4)
  expect(host.took()).toEqual([ASKING])
  host.deliver(ANSWER)
  expect(host.took()).toEqual([PACKET_TO_HER])
})

test('ARP: closing the stack clears all that waits', () => {
  const host = new Host()
  host.send()
  expect(host.stack.time.count).toBe(1)
  host.stack.close()
  expect(host.stack.time.count).toBe(0)
})
