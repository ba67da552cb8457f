// Read first: the WinterTC Sockets API, "AnySocketAddress type"; RFC 3986 section 3.2.2 on brackets.

import { given } from '../../base/argument.ts'
import { SocketError } from './socket-error.ts'

/** Where to connect to: a name, or an address without brackets. */
export interface HostAndPort {
  readonly hostname: string
  readonly port: number
}

/** What `connect` takes: "example.com:443", "[2001:db8::1]:443" or `{ hostname, port }`, in which a port may be text: a URL has both. */
export type AnySocketAddress = string | { readonly hostname: string; readonly port: number | string }

/** What no name and no address has in it: what would come of a URL, or of a list. */
const NOT_OF_HOSTS = /[\s/\\?#@<>^|"'`{},;[\]]/

/** Throws a SocketError for what is no address. */
export function hostAndPort(address: AnySocketAddress): HostAndPort {
  if (typeof address === 'string') return split(address)
  if (address === null || typeof address !== 'object') {
    throw new SocketError(`an address must be "host:port" or { hostname, port }, got ${given(address)}`)
  }
  const { hostname, port } = address
  if (typeof hostname !== 'string') throw new SocketError(`hostname must be a string, got ${given(hostname)}`)
  return { hostname: checkedHost(hostname.replace(/^\[(.*:.*)\]$/, '$1'), hostname), port: checkedPort(port) }
}

function split(text: string): HostAndPort {
  const bracketed = /^\[([^\]]*:[^\]]*)\]:(\d+)$/.exec(text)
  if (bracketed !== null) return { hostname: checkedHost(bracketed[1] ?? '', text), port: checkedPort(bracketed[2]) }
  const at = text.lastIndexOf(':')
  if (at < 0) throw new SocketError(`an address must be "host:port", got ${given(text)}, which has no port`)
  const hostname = text.slice(0, at)
  if (hostname.includes(':')) {
    throw new SocketError(`an address must be "host:port", an IPv6 address in it "[::1]:port", got ${given(text)}`)
  }
  return { hostname: checkedHost(hostname, text), port: checkedPort(text.slice(at + 1)) }
}

function checkedHost(hostname: string, whole: string): string {
  if (hostname !== '' && !NOT_OF_HOSTS.test(hostname)) return hostname
  throw new SocketError(`a hostname must be a name or an address, got ${given(whole)}`)
}

function checkedPort(port: unknown): number {
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65535) return number
  throw new SocketError(`port must be an integer from 0 to 65535, got ${given(port)}`)
}
