// Read first: Deno's documentation of Deno.serve.

import { given } from '../../base/argument.ts'
import { SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET } from '../../base/constants.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { netAddress } from '../deno/deno-address.ts'
import { secureServerChannel } from '../web/open-channel.ts'
import type { TlsEngine } from '../web/tls-engine.ts'
import { HttpServer, type Secure } from './http-server.ts'
import { type CheckedServeOptions, checkServeOptions, type ServeHandler, type ServeOptions } from './serve-options.ts'

/** What `serve` is called. */
export interface Serve {
  (handler: ServeHandler): HttpServer
  (options: ServeOptions, handler: ServeHandler): HttpServer
  (options: ServeOptions & { readonly handler: ServeHandler }): HttpServer
}

/** `serve` over a provider. */
export function serveOver(provider: Provider, engine: TlsEngine | null): Serve {
  return (first: ServeHandler | (ServeOptions & { readonly handler?: ServeHandler }), second?: ServeHandler) => {
    const { handler = second, ...rest } = typeof first === 'function' ? { handler: first } : (first ?? {})
    if (typeof handler !== 'function') throw new TypeError(`handler must be a function, got ${given(handler)}`)
    const options = checkServeOptions(rest)
    const { cert, key } = options
    if (cert !== undefined && engine?.accept === undefined) {
      throw new TypeError('options.cert needs a TLS engine that can be a server: give one with `accept` as `tls`')
    }
    const credentials = { cert: cert ?? '', key: key ?? '', alpn: ['http/1.1'] }
    const secure: Secure = (plain, signal) => secureServerChannel(plain, engine as TlsEngine, credentials, signal)
    const scheme = cert === undefined ? 'http' : 'https'
    const serving = { clock: provider.clock, handler, options, scheme } as const
    const server = new HttpServer(listen(provider, options), serving, cert === undefined ? null : secure)
    options.onListen?.(server.addr)
    return server
  }
}

function listen(provider: Provider, { hostname, port, reusePort, tcpBacklog }: CheckedServeOptions): Socket {
  const address = addressOf(provider, hostname, port)
  const socket = new Socket(provider, address.family, SOCK_STREAM)
  try {
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    if (reusePort === true) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
    socket.bind(address)
    socket.listen(tcpBacklog)
    return socket
  } catch (error) {
    void socket.close()
    throw error
  }
}

// It listens at once: there is no time to ask for a name.
function addressOf(provider: Provider, hostname: string, port: number): ReturnType<typeof netAddress> {
  try {
    return netAddress(provider, hostname === 'localhost' ? '127.0.0.1' : hostname, port)
  } catch (cause) {
    throw new TypeError(`options.hostname must be an address or 'localhost', got ${given(hostname)}`, { cause })
  }
}
