// The same by the rooms base and wire.

import { dirname } from 'node:path'
import { dist } from '../harness/dist.mjs'
import { ipLength, LINK } from './frames.mjs'
import { openSource } from './source.mjs'

const load = openSource(dirname(dist))
const { internetSum, pseudoHeaderSum, pseudoSum } = await load('base/checksum.js')
const { IpAddress } = await load('base/ip-address.js')
const { EthernetHeader, readEthernet, writeEthernet } = await load('wire/ethernet.js')
const { Ipv4Header, readIpv4, writeIpv4 } = await load('wire/ipv4.js')
const { Ipv6Header, readIpv6, writeIpv6 } = await load('wire/ipv6.js')
const { TcpSegment, readTcp, writeTcp } = await load('wire/tcp.js')
const { writeNop, writeTimestamps } = await load('wire/tcp-options.js')

const ethernet = new EthernetHeader()
const ipv4 = new Ipv4Header()
const ipv6 = new Ipv6Header()
const segment = new TcpSegment()
const here = new IpAddress()
const there = new IpAddress()
here.a = there.a = 0x20010db8
here.d = 1
there.d = 2

/** The sum over pseudo-header and segment: 65535 where the checksum is right. */
export function sum(frame, version) {
  const tcp = LINK + ipLength(version)
  const length = frame.length - tcp
  if (version === 4) return internetSum(frame, tcp, frame.length, pseudoHeaderSum(0x0a000001, 0x0a000002, 6, length))
  return internetSum(frame, tcp, frame.length, pseudoSum(here, there, 6, length))
}

export function parse(frame, version) {
  const { length } = frame
  if (!readEthernet(ethernet, frame, 0, length)) return 0
  let at = LINK
  if (version === 4) {
    if (!readIpv4(ipv4, frame, LINK, length)) return 0
    at += ipv4.headerLength
  } else {
    if (!readIpv6(ipv6, frame, LINK, length)) return 0
    at += 40
  }
  if (!readTcp(segment, frame, at, length)) return 0
  return ethernet.type + segment.destinationPort + segment.options.tsVal + segment.payloadEnd
}

/** The headers of a frame for `i`, its checksums but for the data's. */
export function build(frame, version, i) {
  const size = frame.length - LINK
  const at = LINK + ipLength(version)
  writeEthernet(frame, 0, 0x0200, 2, 0x0200, 1, version === 4 ? 0x0800 : 0x86dd)
  if (version === 4) writeIpv4(frame, LINK, 20, 0, size, i & 0xffff, true, false, 0, 64, 6, 0x0a000001, 0x0a000002)
  else writeIpv6(frame, LINK, 0, 0, size - 40, 6, 64, here, there)
  writeTcp(frame, at, 0x3000 + (i & 255), 80, i, i, 32, 0x18, 0xffff, 0)
  writeTimestamps(frame, writeNop(frame, writeNop(frame, at + 20)), i, i)
  return frame[at + 1]
}
