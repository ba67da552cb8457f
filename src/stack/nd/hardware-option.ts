// Read first: RFC 4861 section 4.6.1.

import { HARDWARE_GROUP_BIT } from '../../wire/ethernet.ts'
import { NdpOption, NdpSixOctets, readNdpSixOctets } from '../../wire/ndp-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'

const option = new NdpOption()

/** What was read last. */
export const hardware: NdpSixOctets = new NdpSixOctets()

/** Reads the hardware address in the option `type`, the last of several; false where there is none that a host can have. */
export function readHardware({ bytes, payloadEnd }: IpPacket, options: number, type: number): boolean {
  let found = false
  option.begin(options, payloadEnd)
  while (option.next(bytes)) {
    if (option.type !== type || !readNdpSixOctets(hardware, bytes, option.start, option.end)) continue
    found = (hardware.high & HARDWARE_GROUP_BIT) === 0 && (hardware.high | hardware.low) !== 0
  }
  return found
}
