// Read first: nc(1), OpenBSD's.

import { InvalidArgumentError } from 'commander'
import { machineServices } from '../machine-services.ts'
import { HTTP_PROXY_PORT, type ProxyKind, type ProxyServer, parseProxyPlace, SOCKS_PORT } from '../proxy/proxy.ts'
import { UsageError } from '../usage-error.ts'

export interface NcFlags {
  readonly listen?: boolean
  readonly udp?: boolean
  readonly unix?: boolean
  readonly port?: string
  readonly source?: string
  readonly wait?: number
  readonly quit?: number
  readonly receptions?: number
  readonly shutdown?: boolean
  readonly scan?: boolean
  readonly verbose?: boolean
  readonly keep?: boolean
  readonly numeric?: boolean
  readonly detached?: boolean
  readonly crlf?: boolean
  readonly interval?: number
  readonly random?: boolean
  readonly tos?: number
  readonly broadcast?: boolean
  readonly receiveBuffer?: number
  readonly sendBuffer?: number
  readonly ttl?: number
  readonly minTtl?: number
  readonly proxy?: string
  readonly proxyProtocol?: ProxyKind
  readonly proxyUser?: string
}

/** What is meant: whom to listen for, or where to connect to. */
export interface NcRequest {
  /** Null: any address (-l). */
  readonly host: string | null
  /** The first and the last of them; -z alone may have several. */
  readonly ports: readonly [number, number]
  /** -p, of who connects. 0: any. */
  readonly sourcePort: number
  /** -x; null: we connect ourselves. */
  readonly proxy: ProxyServer | null
}

/** Reads the words of nc. Throws a UsageError that names what is wrong with them. */
export function ncRequest(words: readonly string[], flags: NcFlags): NcRequest {
  checkTogether(flags)
  const { listen = false, scan = false, port } = flags
  // With -l the port may stand alone, or be that of -p.
  const own = listen && port !== undefined
  if (own ? words.length > 1 : words.length > 2) throw new UsageError(`nc has one word too many: ${words.join(' ')}`)
  const host = own ? words[0] : words.length === 2 ? words[0] : listen ? undefined : null
  const text = own ? port : words[words.length - 1]
  if (text === undefined || host === null) {
    throw new UsageError('nc needs a host and a port, or -l and a port, such as nc 10.9.0.1 7')
  }
  const portOf = (word: string, whole: string) => portNamed(word, whole, flags)
  if (port !== undefined) portNamed(port, `-p ${port}`, flags)
  const ports = portsOf(text, scan, portOf)
  const sourcePort = listen || port === undefined ? 0 : portOf(port, port)
  return { host: host ?? null, ports, sourcePort, proxy: proxyOf(flags) }
}

/** For commander: "HOST[:PORT]" of a proxy, whose usual port another option may say. */
export function proxyPlace(text: string): string {
  parseProxyPlace(text, SOCKS_PORT, '-x')
  return text
}

/** For commander: the protocol of a proxy, as nc(1) has it. */
export function proxyProtocol(text: string): ProxyKind {
  const kinds: Readonly<Record<string, ProxyKind>> = { 4: 'socks4', '4A': 'socks4a', 5: 'socks5h', connect: 'connect' }
  const kind = Object.hasOwn(kinds, text) ? kinds[text] : undefined
  if (kind !== undefined) return kind
  throw new InvalidArgumentError('It must be one of 4, 4A, 5 and connect.')
}

function proxyOf({ proxy, proxyProtocol: kind = 'socks5h', proxyUser: user = '' }: NcFlags): ProxyServer | null {
  if (proxy === undefined) return null
  return { kind, user, ...parseProxyPlace(proxy, kind === 'connect' ? HTTP_PROXY_PORT : SOCKS_PORT, '-x') }
}

/** The path of -U. Throws a UsageError that names what is wrong with the words. */
export function ncPath(words: readonly string[], flags: NcFlags): string {
  checkTogether(flags)
  if (flags.port !== undefined || words.length > 1) throw new UsageError('nc -U is for a path, which has no port')
  const [path] = words
  if (path === undefined) throw new UsageError('nc -U needs a path, or @NAME, such as nc -U /run/echo.sock')
  return path
}

function checkTogether(flags: NcFlags): void {
  const { listen, scan, keep, source, shutdown, udp, unix, proxy, proxyProtocol: kind, proxyUser } = flags
  const exclude = (one: string, other: string) => new UsageError(`${one} and ${other} exclude each other; write one`)
  if (listen && scan) throw exclude('-l', '-z')
  if (listen && source !== undefined) throw exclude('-l', '-s')
  if (keep && !listen) throw new UsageError('-k is for who listens: it needs -l')
  if (flags.random && !scan) throw new UsageError('-r is about the ports of -z; write both')
  if (flags.broadcast && !udp) throw new UsageError('-b is about datagrams: it needs -u')
  if (unix && (flags.tos ?? flags.ttl ?? flags.minTtl) !== undefined) {
    throw new UsageError('-T, -M and -m are of IP, and -U has none of it; leave them out')
  }
  if (proxy !== undefined && listen) throw exclude('-x', '-l')
  if (proxy !== undefined && udp) throw exclude('-x', '-u')
  if (proxy !== undefined && unix) throw exclude('-x', '-U')
  if (proxy === undefined && kind !== undefined) throw new UsageError('-X says how a proxy is spoken to: it needs -x')
  if (proxy === undefined && proxyUser !== undefined) throw new UsageError('-P says who we are to a proxy: it needs -x')
  if (shutdown && udp) throw new UsageError('-N ends a direction of a connection, and -u has none; write one')
}

function portsOf(text: string, several: boolean, portOf: (word: string, whole: string) => number): [number, number] {
  // "ftp-data" is the name of a service.
  const [low = '', high, more] = /^\d/.test(text) ? text.split('-') : [text]
  if (high === undefined) return [portOf(low, text), portOf(low, text)]
  if (!several) throw new UsageError(`port ${JSON.stringify(text)} is several; only -z looks at more than one`)
  const ports: [number, number] = [portOf(low, text), portOf(high, text)]
  if (more !== undefined || ports[0] > ports[1]) {
    throw new UsageError(`ports ${JSON.stringify(text)} must be LOW-HIGH, such as 20-25`)
  }
  return ports
}

function portNamed(text: string, whole: string, { udp }: NcFlags): number {
  const port = /^\d+$/.test(text) ? Number(text) : (machineServices().byName(text, udp ? 'udp' : 'tcp')?.port ?? 0)
  if (port < 1 || port > 65535) {
    throw new UsageError(
      `nc has port ${JSON.stringify(whole)}; a port is a number from 1 to 65535, or the name of a service`,
    )
  }
  return port
}
