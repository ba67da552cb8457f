// Read first: RFC 768, udp(7), RFC 8200 section 8.1.

import { read16, write16 } from '../../base/bytes.ts'
import { pseudoSum } from '../../base/checksum.ts'
import {
  IPPROTO_UDP,
  SOCK_DGRAM,
  UDP_CORK,
  UDP_GRO,
  UDP_NO_CHECK6_RX,
  UDP_NO_CHECK6_TX,
  UDP_SEGMENT,
} from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, SEGMENT_NONE } from '../../device/device.ts'
import { UDP_CHECKSUM_OFFSET, UDP_HEADER_LENGTH, UDP_PAYLOAD_MAX, writeUdp } from '../../wire/udp.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { IcmpReport } from '../transport/transport.ts'
import type { Target } from './addressed-endpoint.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import {
  CONTROL_GRO,
  OPTION_CORK,
  OPTION_NO_CHECK,
  OPTION_NO_CHECK6_RX,
  OPTION_NO_CHECK6_TX,
  OPTION_REUSEADDR,
  OPTION_REUSEPORT,
} from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'
import type { PortBinding } from './port-table.ts'

/** What fits in the largest IPv6 packet: its length does not count the fixed header. */
const PAYLOAD_MAX_V6 = 65535 - UDP_HEADER_LENGTH

const bits = new Map<number, number>([
  [UDP_CORK, OPTION_CORK],
  [UDP_NO_CHECK6_TX, OPTION_NO_CHECK6_TX],
  [UDP_NO_CHECK6_RX, OPTION_NO_CHECK6_RX],
])

/** A UDP socket. */
export class UdpEndpoint extends DatagramEndpoint implements PortBinding {
  /** Where it is in the tables of the UDP layer: its key, −1 for nowhere, and the next with the same. */
  tableKey = -1
  inConnectedTable = false
  nextInTable: UdpEndpoint | null = null
  protected readonly headerLength = UDP_HEADER_LENGTH

  constructor(stack: LeanStack, fd: number, family: number) {
    super(stack, fd, family, SOCK_DGRAM, IPPROTO_UDP)
    this.offload.checksumOffset = UDP_CHECKSUM_OFFSET
  }

  // PortBinding

  get address(): IpAddress {
    return this.local
  }

  get port(): number {
    return this.localPort
  }

  set port(port: number) {
    this.localPort = port
  }

  get reuseAddress(): boolean {
    return this.option(OPTION_REUSEADDR)
  }

  get reusePort(): boolean {
    return this.option(OPTION_REUSEPORT)
  }

  override get listening(): boolean {
    return false
  }

  get networkInterface(): NetworkInterface | null {
    return this.boundTo
  }

  get portLow(): number {
    return this.rare === null ? 0 : this.rare.portLow
  }

  get portHigh(): number {
    return this.rare === null ? 0 : this.rare.portHigh
  }

  protected takePort(): number {
    return this.stack.ports.udp.bind(this)
  }

  protected givePortBack(): void {
    this.stack.ports.udp.release(this)
  }

  protected rehash(): void {
    this.stack.udp.place(this)
  }

  protected override checkDestination(to: Target): number {
    return to.port === 0 ? -EINVAL : 0
  }

  protected messageMax(v4: boolean): number {
    return v4 ? UDP_PAYLOAD_MAX : PAYLOAD_MAX_V6
  }

  protected writeHeader(route: Route, at: number, end: number): number {
    const { frame, counters } = this.stack
    const { segment, segmentSize } = this.offload
    const length = end - at
    counters.udpSent += segment === SEGMENT_NONE ? 1 : Math.ceil((length - UDP_HEADER_LENGTH) / segmentSize)
    writeUdp(frame, at, this.localPort, this.sendPort, length, 0)
    if (this.option(route.version === 4 ? OPTION_NO_CHECK : OPTION_NO_CHECK6_TX)) {
      this.offload.checksum = CHECKSUM_NONE
      return 0
    }
    // The device completes it, or IP output does.
    this.offload.checksum = CHECKSUM_PARTIAL
    write16(frame, at + UDP_CHECKSUM_OFFSET, pseudoSum(route.source, route.destination, IPPROTO_UDP, length))
    return 0
  }

  protected override joinsDatagrams(v4: boolean): boolean {
    return !this.option(v4 ? OPTION_NO_CHECK : OPTION_NO_CHECK6_TX)
  }

  protected override quotedPort(report: IcmpReport): number {
    return read16(report.bytes, report.start + 2)
  }

  // udp(7)

  protected override getProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_UDP) return super.getProtocolOption(level, name, value)
    const bit = bits.get(name)
    if (bit !== undefined) return writeInt(value, this.option(bit) ? 1 : 0)
    if (name === UDP_SEGMENT) return writeInt(value, this.rare?.segmentSize ?? 0)
    if (name === UDP_GRO) return writeInt(value, (this.controlBits & CONTROL_GRO) === 0 ? 0 : 1)
    return -ENOPROTOOPT
  }

  protected override setProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_UDP) return super.setProtocolOption(level, name, value)
    if (value.length < 4) return -EINVAL
    const int = readInt(value)
    const bit = bits.get(name)
    if (bit !== undefined) {
      this.setOptionBit(bit, int !== 0)
      // What was put together goes when the cork comes out.
      if (name === UDP_CORK && int === 0) this.uncork()
      return 0
    }
    if (name === UDP_SEGMENT) {
      if (int < 0 || int > 65535) return -EINVAL
      this.ensureRare().segmentSize = int
      return 0
    }
    if (name !== UDP_GRO) return -ENOPROTOOPT
    this.controlBits = int !== 0 ? this.controlBits | CONTROL_GRO : this.controlBits & ~CONTROL_GRO
    return 0
  }
}
