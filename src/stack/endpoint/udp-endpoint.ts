// Read first: RFC 768, udp(7).

import { write16 } from '../../base/bytes.ts'
import { pseudoHeaderSum } from '../../base/checksum.ts'
import { IPPROTO_UDP, SOCK_DGRAM } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { CHECKSUM_PARTIAL } from '../../device/device.ts'
import { UDP_CHECKSUM_OFFSET, UDP_HEADER_LENGTH, UDP_PAYLOAD_MAX, writeUdp } from '../../wire/udp.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import type { Route } from '../ip/route.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import { OPTION_REUSEADDR, OPTION_REUSEPORT } from './option-bits.ts'
import type { PortBinding } from './port-table.ts'

/** A UDP socket. */
export class UdpEndpoint extends DatagramEndpoint implements PortBinding {
  /** Where it is in the tables of the UDP layer: its key, −1 for nowhere, and the next with the same. */
  tableKey = -1
  inConnectedTable = false
  nextInTable: UdpEndpoint | null = null
  protected readonly headerLength = UDP_HEADER_LENGTH
  protected readonly messageMax = UDP_PAYLOAD_MAX

  constructor(stack: Stack, fd: number, family: number) {
    super(stack, fd, family, SOCK_DGRAM, IPPROTO_UDP)
    this.offload.checksum = CHECKSUM_PARTIAL
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

  protected takePort(): number {
    return this.stack.ports.udp.bind(this)
  }

  protected givePortBack(): void {
    this.stack.ports.udp.release(this)
  }

  protected rehash(): void {
    this.stack.udp.place(this)
  }

  protected override checkDestination(name: SocketAddress): number {
    return name.port === 0 ? -EINVAL : 0
  }

  protected writeHeader(route: Route, end: number): number {
    const { frame, counters } = this.stack
    const length = end - FRAME_HEADROOM
    const sum = pseudoHeaderSum(route.source.d, route.destination.d, IPPROTO_UDP, length)
    writeUdp(frame, FRAME_HEADROOM, this.localPort, this.sendPort, length, 0)
    // The device completes it, or IP output does.
    write16(frame, FRAME_HEADROOM + UDP_CHECKSUM_OFFSET, sum)
    counters.udpSent++
    return 0
  }
}
