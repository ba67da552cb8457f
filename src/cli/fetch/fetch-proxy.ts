// Read first: curl(1) on -x, RFC 9112 section 3.2.2 (the absolute form).

import type { Socket } from '../../socket/socket.ts'
import { ProxyFailure, type ProxyKind, type ProxyServer, parseProxyPlace, SOCKS_PORT } from '../proxy/proxy.ts'
import { basic, tunnel } from '../proxy/tunnel.ts'
import { UsageError } from '../usage-error.ts'
import { FETCH_PROXY_REFUSED, FETCH_RECEIVE_ERROR, FetchFailure } from './fetch-failure.ts'

const kinds: Readonly<Record<string, ProxyKind>> = {
  http: 'http',
  socks: 'socks4',
  socks4: 'socks4',
  socks4a: 'socks4a',
  socks5: 'socks5',
  socks5h: 'socks5h',
}

/** Reads what `option` was given: "[PROTOCOL://][NAME:PASSWORD@]HOST[:PORT]", with a path that says nothing. 'none' for ''. */
export function parseProxy(text: string, option = '-x'): ProxyServer | 'none' {
  if (text === '') return 'none'
  const [, protocol = 'http', user = '', place = ''] =
    /^(?:([a-z0-9]+):\/\/)?(?:(.*)@)?([^/]*)(?:\/.*)?$/i.exec(text) ?? []
  const kind = kinds[protocol.toLowerCase()]
  const shown = `${option} ${JSON.stringify(withoutUser(text))}`
  if (kind === undefined) {
    throw new UsageError(`${shown} is of no kind that there is; write ${Object.keys(kinds).join(', ')}`)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what would end the line of a header.
  if (/[\x00-\x1f\x7f]/.test(user)) throw new UsageError(`${shown} names nobody that there can be`)
  return { kind, user: unescaped(user), ...parseProxyPlace(place, SOCKS_PORT, option) }
}

/** What may be shown of it: nobody's password. */
export function withoutUser(proxy: string): string {
  return proxy.replace(/^([a-z0-9]+:\/\/)?.*@/i, '$1***@')
}

function unescaped(user: string): string {
  try {
    return decodeURIComponent(user)
  } catch {
    return user
  }
}

/** Whether a proxy is asked for the page itself, and does not only connect. */
export function forwards(proxy: ProxyServer | undefined, url: URL, tunnels: boolean): boolean {
  return proxy?.kind === 'http' && url.protocol === 'http:' && !tunnels
}

/** What a request by way of a proxy has in its first line. */
export function absoluteForm(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search}`
}

type Fields = readonly (readonly [string, string])[]

/** The fields of a request, with those that are for the proxy where curl has them. */
export function withProxyFields(fields: Fields, { user }: ProxyServer): Fields {
  const who = user === '' ? [] : ([['Proxy-Authorization', basic(user)]] as const)
  const accept = fields.findIndex(([name]) => name === 'Accept') + 1 || fields.length
  const keep = ['Proxy-Connection', 'Keep-Alive'] as const
  return [...fields.slice(0, 1), ...who, ...fields.slice(1, accept), keep, ...fields.slice(accept)]
}

/** Has the proxy, whom `socket` is connected to, connect. Rejects with a FetchFailure, a SocketError or the signal's reason. */
export async function connectBy(
  proxy: ProxyServer,
  socket: Socket,
  host: string,
  port: number,
  signal: AbortSignal,
  agent: string,
): Promise<void> {
  const kind = proxy.kind === 'http' ? 'connect' : proxy.kind
  try {
    await tunnel(socket, { ...proxy, kind }, { host, port }, { signal, agent })
  } catch (error) {
    if (!(error instanceof ProxyFailure)) throw error
    const status = kind === 'connect' ? FETCH_RECEIVE_ERROR : FETCH_PROXY_REFUSED
    throw new FetchFailure(status, `${error.message} (${host} port ${port}, by ${proxy.host})`, error)
  }
}
