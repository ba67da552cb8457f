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
import type { Stack } from '../stack.ts'
import type { StackEndpoint } from './endpoint.ts'

/** socket(2) for the Internet families: an endpoint with a descriptor, or a negated errno. */
export function createEndpoint(stack: Stack, family: number, type: number, protocol: number): StackEndpoint | number {
  if (family !== AF_INET && family !== AF_INET6) return -EAFNOSUPPORT
  if (protocol < 0 || protocol > IPPROTO_RAW) return -EINVAL
  const known = protocolOf(family, type, protocol)
  if (known < 0) return known
  if (type === SOCK_RAW && !stack.privileged) return -EPERM
  const fd = stack.descriptors.reserve()
  if (fd < 0) return fd
  let endpoint: StackEndpoint
  if (type === SOCK_STREAM) endpoint = stack.tcp.createEndpoint(fd, family)
  else if (type === SOCK_RAW) endpoint = stack.raw.createEndpoint(fd, family, known)
  else if (known !== IPPROTO_UDP) endpoint = stack.ping.createEndpoint(fd, family)
  else endpoint = stack.udp.createEndpoint(fd, family)
  stack.descriptors.set(fd, endpoint)
  return endpoint
}

function protocolOf(family: number, type: number, protocol: number): number {
  if (type === SOCK_STREAM) return protocol === 0 || protocol === IPPROTO_TCP ? IPPROTO_TCP : -EPROTONOSUPPORT
  if (type === SOCK_RAW) return protocol === 0 ? -EPROTONOSUPPORT : protocol
  if (type !== SOCK_DGRAM) return -ESOCKTNOSUPPORT
  if (protocol === 0 || protocol === IPPROTO_UDP) return IPPROTO_UDP
  return protocol === (family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6) ? protocol : -EPROTONOSUPPORT
}
