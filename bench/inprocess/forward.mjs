// One packet through a router alone: `forward.mjs time|heap VERSION`. A device hands over the same packet again and again, another
// counts what comes: nanoseconds of processor time, or octets of heap, for each.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answer } from '../harness/answer.mjs'
import { fromDist } from '../harness/dist.mjs'

const SMALL = 64
const ECHO = 7
const [what, version] = process.argv.slice(2)
const { Stack } = await fromDist('index.js')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

/** A point-to-point link of which only this end is there: hands over what it is told, and counts what it is given. */
class OneEnd {
  medium = 'ip'
  mtu = 1500
  hardwareAddress = null
  headroom = 0
  features = { checksum: true, largeSegment: 65535 }
  count = 0
  name
  receiver = null

  constructor(name) {
    this.name = name
  }

  attach(receiver) {
    this.receiver = receiver
  }

  transmit() {
    this.count++
    return true
  }

  close() {}
}

// A datagram from 10.1.0.17, or 2001:db8:1::11, to 10.2.0.34, or 2001:db8:2::22.
function packetV4() {
  const packet = new Uint8Array(20 + 8 + SMALL)
  packet.set([0x45, 0, 0, packet.length, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 1, 0, 17, 10, 2, 0, 34])
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += (packet[i] << 8) | packet[i + 1]
  sum = ~((sum & 0xffff) + (sum >>> 16))
  packet.set([(sum >>> 8) & 255, sum & 255], 10)
  packet.set([0x30, 0x39, 0, ECHO, 0, 8 + SMALL], 20)
  return packet
}

function packetV6() {
  const packet = new Uint8Array(40 + 8 + SMALL)
  const address = (net, host) => [0x20, 0x01, 0x0d, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]
  packet.set([0x60, 0, 0, 0, 0, 8 + SMALL, 17, 64, ...address(1, 1), ...address(2, 2)])
  packet.set([0x30, 0x39, 0, ECHO, 0, 8 + SMALL], 40)
  return packet
}

const router = new Stack({ forwarding: true })
const [from, to] = [new OneEnd('from'), new OneEnd('to')]
router.attach(from, { address: ['10.1.0.2/16', '2001:db8:1::2/64'], duplicateAddressDetection: false })
router.attach(to, { address: ['10.2.0.1/16', '2001:db8:2::1/64'], duplicateAddressDetection: false })
const offload = { checksum: 0, checksumStart: 0, checksumOffset: 0, segment: 0, segmentSize: 0, headerLength: 0 }
const packet = version === '4' ? packetV4() : packetV6()

function pass(count) {
  const before = to.count
  for (let i = 0; i < count; i++) {
    // Its hops are counted in a copy: here it stays as it is.
    from.receiver.receive(packet, 0, packet.length, offload)
    if ((i & 63) === 63) from.receiver.flush()
  }
  from.receiver.flush()
  if (to.count - before !== count) throw new Error(`the router passed on ${to.count - before} packets of ${count}`)
}

function time(seconds) {
  const begin = process.cpuUsage()
  const until = performance.now() + seconds * 1000
  let count = 0
  do {
    pass(1024)
    count += 1024
  } while (performance.now() < until)
  const { user, system } = process.cpuUsage(begin)
  return ((user + system) * 1000) / count
}

/** The least of five: what else the process does meanwhile is not the packet's. */
function heap() {
  pass(20_000)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    pass(10_000)
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / 10_000)
  }
  return Math.max(least, 0)
}

await answer(({ seconds }) => (what === 'time' ? time(seconds) : heap()))
