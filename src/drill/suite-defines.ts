import type { IpVersion } from './ip-version.ts'

/**
 * What the language's own suite defines (`--define`) for its runs over a version of IP: the Fast Open cookie that follows from its
 * key and addresses, and the names of IP's control messages.
 */
export function suiteDefines(version: IpVersion): Readonly<Record<string, string>> {
  if (version === 'ipv6') {
    return { TFO_COOKIE: 'c1d1e9742a47a9bc', CMSG_LEVEL_IP: 'SOL_IPV6', CMSG_TYPE_RECVERR: 'IPV6_RECVERR' }
  }
  const mapped = version === 'ipv4-mapped-ipv6'
  return {
    TFO_COOKIE: '3021b9d889017eeb',
    CODE: 'host_unreachable',
    CMSG_LEVEL_IP: mapped ? 'SOL_IPV6' : 'SOL_IP',
    CMSG_TYPE_RECVERR: mapped ? 'IPV6_RECVERR' : 'IP_RECVERR',
  }
}
