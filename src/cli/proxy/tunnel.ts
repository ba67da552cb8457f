// Read first: RFC 1928 and RFC 1929 (SOCKS5), the notes of its authors on SOCKS4 and 4A, RFC 9110 section 9.3.6 (CONNECT).

import { IpAddress } from '../../base/ip-address.ts'
import type { WaitOptions } from '../../socket/arguments.ts'
import type { Socket } from '../../socket/socket.ts'
import { ProxyFailure, type ProxyServer, type ProxyTarget } from './proxy.ts'

/** How long is waited for each answer, what ends it, and of CONNECT the User-Agent. */
export interface TunnelOptions {
  readonly agent?: string
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** As long as what a proxy says by HTTP may be. */
const LONGEST_HEAD = 16_384

const encoder = new TextEncoder()

/**
 * Has `proxy`, whom `socket` is connected to, connect to `target`: from then on the socket talks with that, and nothing of what it says
 * has been read. Rejects with a ProxyFailure, or with a SocketError of the connection to the proxy.
 *
 * ```ts
 * await socket.connect({ address: '192.0.2.1', port: 1080 })
 * await tunnel(socket, { kind: 'socks5h', host: '192.0.2.1', port: 1080, user: '' }, { host: 'host.example', port: 80 })
 * ```
 */
export async function tunnel(
  socket: Socket,
  proxy: ProxyServer,
  target: ProxyTarget,
  { agent, ...waiting }: TunnelOptions = {},
): Promise<void> {
  const talk = new Talk(socket, waiting)
  switch (proxy.kind) {
    case 'socks4':
    case 'socks4a':
      return socks4(talk, proxy, target)
    case 'socks5':
    case 'socks5h':
      return socks5(talk, proxy, target)
    default:
      return connectMethod(talk, proxy, target, agent)
  }
}

/** What is written and read until the tunnel is there. */
class Talk {
  readonly #socket: Socket
  readonly #waiting: WaitOptions

  constructor(socket: Socket, waiting: WaitOptions) {
    this.#socket = socket
    this.#waiting = waiting
  }

  async write(...parts: readonly (number | Uint8Array)[]): Promise<void> {
    const bytes = Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))
    for (let at = 0; at < bytes.length; ) at += await this.#socket.send(bytes.subarray(at), 0, this.#waiting)
  }

  /** So many octets and none more: what is behind them is the target's. */
  async read(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const got = await this.#socket.recv(bytes.subarray(at), 0, this.#waiting)
      if (got === 0) throw new ProxyFailure('the proxy has closed the connection before it was through')
      at += got
    }
    return bytes
  }
}

const reasons4: Readonly<Record<number, string>> = {
  91: 'request rejected or failed',
  92: 'it cannot reach our identd',
  93: 'our identd says that we are somebody else',
}

async function socks4(talk: Talk, { kind, user }: ProxyServer, { host, port }: ProxyTarget): Promise<void> {
  const ip = IpAddress.parse(host)
  if (ip !== null && !ip.isV4) throw new ProxyFailure(`SOCKS4 has no IPv6, and ${host} is of it: use SOCKS5`)
  if (ip === null && kind === 'socks4') throw new ProxyFailure(`SOCKS4 has no names, and ${host} is one: use SOCKS5`)
  const name = encoder.encode(user.split(':')[0])
  // Of 4A: an address that there is not, and behind the user the name.
  const address = ip === null ? [0, 0, 0, 1] : v4Octets(ip)
  const behind = ip === null ? [encoder.encode(host), 0] : []
  await talk.write(4, 1, port >> 8, port & 0xff, ...address, name, 0, ...behind)
  const [version = 0, code = 0] = await talk.read(8)
  if (version !== 0) throw new ProxyFailure(`this is no SOCKS4 proxy: it answers with version ${version}`)
  if (code !== 90) throw new ProxyFailure(`SOCKS4: ${reasons4[code] ?? `code ${code}`}`)
}

const reasons5 = [
  ...['', 'general failure', 'connection not allowed', 'Network is unreachable', 'No route to host'],
  ...['Connection refused', 'TTL expired', 'command not supported', 'address type not supported'],
]

const NO_AUTHENTICATION = 0
const PASSWORD = 2
const ADDRESS_V4 = 1
const ADDRESS_NAME = 3
const ADDRESS_V6 = 4

async function socks5(talk: Talk, { user }: ProxyServer, { host, port }: ProxyTarget): Promise<void> {
  const methods = user === '' ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, PASSWORD]
  await talk.write(5, methods.length, ...methods)
  const [version = 0, method = 0] = await talk.read(2)
  if (version !== 5) throw new ProxyFailure(`this is no SOCKS5 proxy: it answers with version ${version}`)
  if (method === PASSWORD && user !== '') await authenticate(talk, user)
  else if (method !== NO_AUTHENTICATION) {
    const who = user === '' ? 'a user, and none was named' : 'another way to say who we are'
    throw new ProxyFailure(`SOCKS5: the proxy wants ${who}`)
  }
  await talk.write(5, 1, 0, ...addressOctets(host), port >> 8, port & 0xff)
  const [, code = 0, , type = 0] = await talk.read(4)
  if (code !== 0) throw new ProxyFailure(`SOCKS5: ${reasons5[code] ?? `code ${code}`}`)
  // What it is bound to, which nobody wants to know.
  const length =
    type === ADDRESS_V4 ? 4 : type === ADDRESS_V6 ? 16 : type === ADDRESS_NAME ? (await talk.read(1))[0] : null
  if (length === null || length === undefined)
    throw new ProxyFailure(`SOCKS5: an address of type ${type}, which there is not`)
  await talk.read(length + 2)
}

/** RFC 1929. */
async function authenticate(talk: Talk, user: string): Promise<void> {
  const [name = '', ...rest] = user.split(':')
  const [first, second] = [encoder.encode(name), encoder.encode(rest.join(':'))]
  if (first.length > 255 || second.length > 255)
    throw new ProxyFailure('SOCKS5: user and password have at most 255 octets')
  await talk.write(1, first.length, first, second.length, second)
  const [, status] = await talk.read(2)
  if (status !== 0) throw new ProxyFailure('SOCKS5: user and password were refused')
}

function addressOctets(host: string): (number | Uint8Array)[] {
  const ip = IpAddress.parse(host)
  if (ip === null) {
    const name = encoder.encode(host)
    return [ADDRESS_NAME, name.length, name]
  }
  if (ip.isV4) return [ADDRESS_V4, ...v4Octets(ip)]
  return [ADDRESS_V6, ...[ip.a, ip.b, ip.c, ip.d].flatMap(octets)]
}

function v4Octets(ip: IpAddress): number[] {
  return octets(ip.d)
}

function octets(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]
}

async function connectMethod(
  talk: Talk,
  { user }: ProxyServer,
  { host, port }: ProxyTarget,
  agent: string | undefined,
): Promise<void> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const who = user === '' ? '' : `Proxy-Authorization: ${basic(user)}\r\n`
  const what = agent === undefined ? '' : `User-Agent: ${agent}\r\nProxy-Connection: Keep-Alive\r\n`
  await talk.write(encoder.encode(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${who}${what}\r\n`))
  let head = ''
  while (!head.endsWith('\r\n\r\n') && !head.endsWith('\n\n')) {
    if (head.length === LONGEST_HEAD)
      throw new ProxyFailure(`the proxy answers with a header beyond ${LONGEST_HEAD} octets`)
    head += String.fromCharCode((await talk.read(1))[0] as number)
    if (head.length === 5 && head !== 'HTTP/') throw new ProxyFailure('this is no HTTP proxy: its answer is not HTTP')
  }
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(head) ?? []
  if (status === undefined) throw new ProxyFailure('this is no HTTP proxy: its answer is not HTTP/1')
  if (!status.startsWith('2')) throw new ProxyFailure(`CONNECT tunnel failed, response ${status}`)
}

/** RFC 7617. */
export function basic(user: string): string {
  return `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`
}
