/**
 * What a script is run over: IPv4, IPv4 by sockets of IPv6, which see mapped addresses (RFC 4291 section 2.5.5.2), or IPv6.
 * Sockets are of AF_INET in the first and of AF_INET6 in the others, unless the script names a family.
 */
export type IpVersion = 'ipv4' | 'ipv4-mapped-ipv6' | 'ipv6'

export const IP_VERSIONS: readonly IpVersion[] = ['ipv4', 'ipv4-mapped-ipv6', 'ipv6']

/** The version of this name, or null. */
export function ipVersionNamed(name: string): IpVersion | null {
  return IP_VERSIONS.find((version) => version === name) ?? null
}

/**
 * The versions that a script is for, as its file's name says: `…v4.pkt` is not for IPv6, `…v6.pkt` only for it, any other for
 * all three.
 *
 * ```ts
 * ipVersionsOf('path-mtu/floor-v6.pkt') // ['ipv6']
 * ```
 */
export function ipVersionsOf(fileName: string): readonly IpVersion[] {
  if (/v6(?:\.pkt)?$/.test(fileName)) return ['ipv6']
  return /v4(?:\.pkt)?$/.test(fileName) ? ['ipv4', 'ipv4-mapped-ipv6'] : IP_VERSIONS
}
