// Read first: RFC 1928 (SOCKS5), RFC 9110 section 9.3.6 (CONNECT); curl(1) on -x.

import { UsageError } from '../usage-error.ts'

/** "http" is asked for pages itself, and connects where these are of https. Of SOCKS those with "h" and "a" look up names. */
export type ProxyKind = 'http' | 'connect' | 'socks4' | 'socks4a' | 'socks5' | 'socks5h'

/** Who makes connections for us. */
export interface ProxyServer {
  readonly kind: ProxyKind
  readonly host: string
  readonly port: number
  /** "name:password", "name", or '' for nobody. */
  readonly user: string
}

/** Whom a proxy is to connect to: `host`, an address or a name, which it has to look up. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/** Ports that proxies usually have (nc(1), curl(1)). */
export const SOCKS_PORT = 1080
export const HTTP_PROXY_PORT = 3128

/** A proxy says no, or nothing that a proxy says. */
export class ProxyFailure extends Error {}

/** Reads "HOST[:PORT]", as `option` was given it. Of an IPv6 address with a port "[ADDRESS]:PORT". */
export function parseProxyPlace(text: string, usualPort: number, option: string): { host: string; port: number } {
  const match = /^(?:\[([^\]\s]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text)
  const bare = match === null && /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)
  const host = bare ? text : (match?.[1] ?? match?.[2] ?? '')
  const port = match?.[3] === undefined ? usualPort : Number(match[3])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no name has.
  if (host === '' || host.length > 255 || /[\x00-\x20\x7f/@]/.test(host) || port < 1 || port > 65535) {
    throw new UsageError(`${option} ${JSON.stringify(text)} must be HOST[:PORT], such as 192.0.2.1:${usualPort}`)
  }
  return { host, port }
}
