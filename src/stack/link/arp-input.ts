// Read first: RFC 826 "Packet Reception", RFC 1122 section 2.3.2, RFC 5227 sections 2.1 to 2.4.

import { IpAddress } from '../../base/ip-address.ts'
import { ARP_REPLY, ARP_REQUEST, ArpPacket, readArp } from '../../wire/arp.ts'
import { type EthernetHeader, HARDWARE_GROUP_BIT } from '../../wire/ethernet.ts'
import type { InterfaceAddress } from './interface-address.ts'
import type { NetworkInterface } from './network-interface.ts'

const packet = new ArpPacket()
const sender = new IpAddress()

/** An ARP packet arrived in a frame with this header. */
export function arpInput(
  networkInterface: NetworkInterface,
  bytes: Uint8Array,
  start: number,
  end: number,
  frame: EthernetHeader,
): void {
  const { counters } = networkInterface.stack
  counters.arpReceived++
  const neighbours = networkInterface.neighbours
  if (neighbours === null || !readArp(packet, bytes, start, end)) {
    counters.arpErrors++
    return
  }
  const { operation, senderProtocol, targetProtocol, senderHardwareHigh: high, senderHardwareLow: low } = packet
  if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return
  // No host has a group's hardware address, nor none (RFC 1812 section 3.3.2), nor a group's or the loopback's IP address.
  sender.setV4(senderProtocol)
  if (
    (high & HARDWARE_GROUP_BIT) !== 0 ||
    (high | low) === 0 ||
    sender.isMulticast ||
    sender.isLoopback ||
    networkInterface.isBroadcast(sender)
  ) {
    counters.arpErrors++
    return
  }
  const ours = high === networkInterface.hardwareHigh && low === networkInterface.hardwareLow
  // Our own broadcast that a link sent back.
  if (ours) return
  const target = ownAddress(networkInterface, targetProtocol)
  const claimed = senderProtocol === 0 ? null : ownAddress(networkInterface, senderProtocol)
  // Someone sends from an address of ours, or probes for the one that we are probing for: RFC 5227 sections 2.1.1 and 2.4.
  if (claimed !== null) {
    counters.arpConflicts++
    networkInterface.addressConflict(claimed)
    return
  }
  if (target?.tentative) {
    if (operation === ARP_REQUEST && senderProtocol === 0) networkInterface.addressConflict(target)
    return
  }
  if (senderProtocol !== 0 && senderProtocol !== targetProtocol && target !== null) {
    // It speaks to us: it will hear from us. RFC 826 makes an entry for nobody else.
    const solicited = operation === ARP_REPLY && (frame.destinationHigh & HARDWARE_GROUP_BIT) === 0
    const known = neighbours.get(sender)
    if (known !== null) known.learn(high, low, solicited)
    else if (operation === ARP_REQUEST) neighbours.ensure(sender).learn(high, low, false)
  } else if (senderProtocol !== 0) {
    neighbours.get(sender)?.learn(high, low, false)
  }
  if (operation === ARP_REQUEST && target !== null) {
    counters.arpRepliesSent++
    networkInterface.sendArp(high, low, ARP_REPLY, targetProtocol, high, low, senderProtocol)
  }
}

// Only addresses of the interface that was asked: a host that answers for its other links confuses switches and people.
function ownAddress(networkInterface: NetworkInterface, bits: number): InterfaceAddress | null {
  const { addresses } = networkInterface
  for (let i = 0; i < addresses.length; i++) {
    const own = addresses[i] as InterfaceAddress
    if (own.address.isV4 && own.address.d === bits) return own
  }
  return null
}
