// Read first: icmp(7) on ping_group_range, RFC 792 "Echo".

import { write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import { IPPROTO_ICMP, SOCK_DGRAM } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { ICMP_ECHO_REQUEST, ICMP_HEADER_LENGTH } from '../../wire/icmpv4.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import type { Route } from '../ip/route.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import type { PortBinding } from './port-table.ts'

/** An ICMP echo socket, SOCK_DGRAM with IPPROTO_ICMP: sends echo requests with its own identifier and gets their answers. */
export class PingEndpoint extends DatagramEndpoint implements PortBinding {
  protected readonly headerLength = 0
  protected readonly messageMax = 65515

  constructor(stack: Stack, fd: number, family: number) {
    super(stack, fd, family, SOCK_DGRAM, IPPROTO_ICMP)
  }

  // PortBinding: the identifier is the port, and is never shared.

  get address(): IpAddress {
    return this.local
  }

  get port(): number {
    return this.localPort
  }

  set port(port: number) {
    this.localPort = port
  }

  readonly reuseAddress = false
  readonly reusePort = false

  override get listening(): boolean {
    return false
  }

  get networkInterface(): NetworkInterface | null {
    return this.boundTo
  }

  protected takePort(): number {
    return this.stack.ports.icmp.bind(this)
  }

  protected givePortBack(): void {
    this.stack.ports.icmp.release(this)
  }

  protected rehash(): void {}

  /** Whether messages between these two are for this socket. */
  hears(local: IpAddress, remote: IpAddress): boolean {
    if (this.connected && !this.remote.equals(remote)) return false
    return this.local.isUnspecified || this.local.equals(local)
  }

  /** Whether it is bound to another interface. */
  lacks(networkInterface: NetworkInterface | null): boolean {
    return this.boundTo !== null && this.boundTo !== networkInterface
  }

  protected writeHeader(_route: Route, end: number): number {
    const { frame, counters } = this.stack
    const at = FRAME_HEADROOM
    // Only echo requests, so that who may not open raw sockets cannot forge errors: ping_supported in Linux.
    if (end - at < ICMP_HEADER_LENGTH || frame[at] !== ICMP_ECHO_REQUEST || frame[at + 1] !== 0) return -EINVAL
    write16(frame, at + 2, 0)
    write16(frame, at + 4, this.localPort)
    write16(frame, at + 2, internetChecksum(frame, at, end))
    counters.icmpSent++
    return 0
  }
}
