// Read first: RFC 8484; dig(1) on +https. TLS and HTTP are Node's own.

import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { toDuplex } from '../../adapters/duplex.ts'
import { SOCK_STREAM } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { sourceSocket } from '../../services/names/exchange.ts'
import type { HttpsFetch } from '../../services/names/https-exchange.ts'
import { LONGEST_MESSAGE } from '../../services/names/message.ts'
import type { Provider } from '../../socket/provider.ts'

type HttpsRequest = Parameters<HttpsFetch>[1]
type HttpsResponse = Awaited<ReturnType<HttpsFetch>>

/** The URL by which a server is asked. `called`: its name, or its address. */
export function httpsUrl(server: SocketAddress, called: string, path: string): string {
  const host = called.includes(':') ? `[${called.replace(/%.*/, '')}]` : called
  return `https://${host}${server.port === 443 ? '' : `:${server.port}`}${path}`
}

/**
 * Makes requests of one server over the sockets of a provider, by HTTP/2 where it speaks that, else by HTTP/1.1. Who it is nobody asks, as
 * with BIND's dig.
 */
export function httpsFetch(provider: Provider, server: SocketAddress, source: SocketAddress | null): HttpsFetch {
  return async (text, options) => {
    const url = new URL(text)
    const socket = sourceSocket(provider, server, SOCK_STREAM, source)
    const stream = toDuplex(socket)
    const over = () => stream.destroy()
    options.signal.addEventListener('abort', over)
    try {
      await socket.connect(server, { signal: options.signal })
      const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
      const tls = connect({
        socket: stream,
        servername: isIP(name) > 0 ? '' : name,
        ALPNProtocols: ['h2', 'http/1.1'],
        rejectUnauthorized: false,
      })
      await once(tls, 'secureConnect')
      return await (tls.alpnProtocol === 'h2' ? askHttp2(tls, url, options) : askHttp1(tls, url, options))
    } finally {
      options.signal.removeEventListener('abort', over)
      stream.destroy()
    }
  }
}

async function askHttp2(tls: TLSSocket, url: URL, { method, headers, body }: HttpsRequest): Promise<HttpsResponse> {
  const session = connectHttp2(url.origin, { createConnection: () => tls })
  // What goes wrong with the connection the request tells too.
  session.on('error', () => {})
  try {
    const stream = session.request({ ':method': method, ':path': `${url.pathname}${url.search}`, ...headers })
    stream.end(body)
    // Read from within the event: a stream whose end came with it is emptied where nobody has begun to.
    return await new Promise((resolve, reject) => {
      stream.once('error', reject)
      stream.once('response', (found) => resolve(responseOf(Number(found[':status']), found, stream)))
      stream.once('close', () => reject(new Error('the connection ended without an answer')))
    })
  } finally {
    session.destroy()
  }
}

async function askHttp1(tls: TLSSocket, url: URL, { method, headers, body }: HttpsRequest): Promise<HttpsResponse> {
  const asked = request({
    createConnection: () => tls,
    host: url.host,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers, host: url.host, ...(body === undefined ? {} : { 'content-length': body.length }) },
  })
  asked.end(body)
  const [response] = await once(asked, 'response')
  return responseOf(response.statusCode, response.headers, response)
}

async function responseOf(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  stream: Readable,
): Promise<HttpsResponse> {
  const parts: Uint8Array[] = []
  let length = 0
  // By events: Node 26 has an iterator fail where the stream of HTTP/2 closes as its end arrives.
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (part: Uint8Array) => {
      length += part.length
      if (length > LONGEST_MESSAGE) reject(new Error(`the server answered with more than ${LONGEST_MESSAGE} octets`))
      else parts.push(part)
    })
    stream.once('end', resolve)
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('the connection ended within an answer')))
  })
  const bytes = new Uint8Array(Buffer.concat(parts))
  return {
    status,
    headers: { get: (name) => (headers[name] === undefined ? null : String(headers[name])) },
    arrayBuffer: async () => bytes.buffer,
  }
}
