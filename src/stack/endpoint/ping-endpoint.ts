// Read first: icmp(7) on ping_group_range, RFC 792 "Echo", RFC 4443 section 4.

import { write16 } from '../../base/bytes.ts'
import { internetChecksum, pseudoSum } from '../../base/checksum.ts'
import { AF_INET, AF_INET6, IPPROTO_ICMP, IPPROTO_ICMPV6, SOCK_DGRAM } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { ICMP_ECHO_REQUEST, ICMP_HEADER_LENGTH } from '../../wire/icmpv4.ts'
import { ICMPV6_ECHO_REQUEST } from '../../wire/icmpv6.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Target } from './addressed-endpoint.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import type { PortBinding } from './port-table.ts'
import { needsScope } from './scope.ts'

/**
 * An ICMP echo socket, SOCK_DGRAM with IPPROTO_ICMP, or IPPROTO_ICMPV6 of AF_INET6: sends echo requests with its own identifier and
 * gets their answers.
 */
export class PingEndpoint extends DatagramEndpoint implements PortBinding {
  protected readonly headerLength = 0

  constructor(stack: LeanStack, fd: number, family: number) {
    super(stack, fd, family, SOCK_DGRAM, family === AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)
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
  readonly portLow = 0
  readonly portHigh = 0

  /** There is no ICMP of the one family by the other. */
  override get v6only(): boolean {
    return true
  }

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

  protected override aim(target: Target, address: SocketAddress): number {
    // A struct sockaddr_in is too short to be looked at.
    return this.family === AF_INET6 && address.family === AF_INET ? -EINVAL : super.aim(target, address)
  }

  protected override checkDestination({ ip, scope }: Target): number {
    // ping_v6_sendmsg is strict: which link must be said.
    if (!needsScope(ip) || scope !== 0 || this.boundTo !== null) return 0
    return ip.isMulticast && (this.rare?.multicastInterface6 ?? null) !== null ? 0 : -EINVAL
  }

  protected messageMax(v4: boolean): number {
    return v4 ? 65515 : 65535
  }

  /** Whether messages between these two are for this socket. */
  hears(local: IpAddress, remote: IpAddress): boolean {
    if (local.isV4 !== (this.family === AF_INET)) return false
    if (this.connected && !this.remote.equals(remote)) return false
    return this.local.isUnspecified || this.local.equals(local)
  }

  /** Whether it is bound to another interface. */
  lacks(networkInterface: NetworkInterface | null): boolean {
    return this.boundTo !== null && this.boundTo !== networkInterface
  }

  protected writeHeader(route: Route, at: number, end: number): number {
    const { frame, counters } = this.stack
    const v4 = route.version === 4
    // Only echo requests, so that who may not open raw sockets cannot forge errors: ping_supported in Linux.
    const type = v4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST
    if (end - at < ICMP_HEADER_LENGTH || frame[at] !== type || frame[at + 1] !== 0) return -EINVAL
    write16(frame, at + 2, 0)
    write16(frame, at + 4, this.localPort)
    const pseudo = v4 ? 0 : pseudoSum(route.source, route.destination, IPPROTO_ICMPV6, end - at)
    write16(frame, at + 2, internetChecksum(frame, at, end, pseudo))
    counters.icmpSent++
    return 0
  }
}
