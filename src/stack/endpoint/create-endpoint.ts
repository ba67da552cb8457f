import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../base/constants.ts'
import { EAFNOSUPPORT, EINVAL, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../base/errno.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { PingLayer } from '../transport/ping-layer.ts'
import type { RawLayer } from '../transport/raw-layer.ts'
import type { StackEndpoint } from './endpoint.ts'

/** socket(2) for the Internet families: an endpoint with a descriptor, or a negated errno. */
export function createEndpoint(
  stack: LeanStack,
  family: number,
  type: number,
  protocol: number,
): StackEndpoint | number {
  if (family !== AF_INET && family !== AF_INET6) return -EAFNOSUPPORT
  if (protocol < 0 || protocol > IPPROTO_RAW) return -EINVAL
  const known = protocolOf(stack, family, type, protocol)
  if (known < 0) return known
  if (type === SOCK_RAW && !stack.privileged) return -EPERM
  const fd = stack.descriptors.reserve()
  if (fd < 0) return fd
  const endpoint = create(stack, fd, family, type, known)
  stack.descriptors.set(fd, endpoint)
  return endpoint
}

function create(stack: LeanStack, fd: number, family: number, type: number, protocol: number): StackEndpoint {
  if (type === SOCK_STREAM) return stack.tcp.createEndpoint(fd, family)
  if (type === SOCK_DGRAM && protocol === IPPROTO_UDP) return stack.udp.createEndpoint(fd, family)
  // protocolOf has seen that they are there.
  if (type === SOCK_RAW) return (stack.raw as RawLayer).createEndpoint(fd, family, protocol)
  return (stack.ping as PingLayer).createEndpoint(fd, family)
}

function protocolOf(stack: LeanStack, family: number, type: number, protocol: number): number {
  if (type === SOCK_STREAM) return protocol === 0 || protocol === IPPROTO_TCP ? IPPROTO_TCP : -EPROTONOSUPPORT
  if (type === SOCK_RAW && stack.raw !== null) return protocol === 0 ? -EPROTONOSUPPORT : protocol
  if (type !== SOCK_DGRAM) return -ESOCKTNOSUPPORT
  if (protocol === 0 || protocol === IPPROTO_UDP) return IPPROTO_UDP
  const echo = stack.ping === null ? -1 : family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6
  return protocol === echo ? protocol : -EPROTONOSUPPORT
}
