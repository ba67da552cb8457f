// jackfield/web in Node: what a page gets, with Node's TLS, and `connect` on what JACKFIELD_ON names.

import { nodeTls } from '../adapters/node-tls.ts'
import { systemNames } from '../adapters/system-names.ts'
import {
  type AnySocketAddress,
  type DenoNetwork,
  type DenoSettings,
  denoFor as denoWith,
  type Http,
  type HttpServer,
  httpFor as httpWith,
  type ServeHandler,
  type ServeOptions,
  type SocketOptions,
  type Sockets,
  type SocketsSettings,
  type StreamSocket,
  socketsFor as socketsWith,
} from '../adapters/web.ts'
import type { Provider } from '../socket/provider.ts'
import { providerOfEnvironment } from './provider-of-environment.ts'

export * from '../adapters/web.ts'
export { nodeTls }

/** The WinterTC Sockets API over a provider, as in a page; TLS is Node's where none is given, and there is none where `tls` is null. */
export function socketsFor(provider: Provider, settings: SocketsSettings = {}): Sockets {
  return socketsWith(provider, withTls(settings))
}

/** Deno's network over a provider, as in a page; TLS is Node's where none is given, and there is none where `tls` is null. */
export function denoFor(provider: Provider, settings: DenoSettings = {}): DenoNetwork {
  return denoWith(provider, withTls(settings))
}

/** HTTP over a provider, as in a page; TLS is Node's where none is given, and there is none where `tls` is null. */
export function httpFor(provider: Provider, settings: SocketsSettings = {}): Http {
  return httpWith(provider, withTls(settings))
}

let sockets: Sockets | null = null
let http: Http | null = null

/**
 * `connect` of the WinterTC Sockets API on the provider that the variable JACKFIELD_ON of the environment names: 'os' where it is not
 * set, 'userspace', or a place as `--on` of the command line has it. Names of hosts are looked up as the machine does.
 *
 * ```ts
 * const socket = connect('127.0.0.1:7')
 * const { remoteAddress } = await socket.opened
 * ```
 */
export function connect(address: AnySocketAddress, options?: SocketOptions): StreamSocket {
  if (sockets === null) {
    const provider = providerOfEnvironment()
    sockets = socketsFor(provider, { names: systemNames(provider) })
  }
  return sockets.connect(address, options)
}

/**
 * `fetch` on the provider that the variable JACKFIELD_ON of the environment names, as for `connect`.
 *
 * ```ts
 * const response = await fetch('http://127.0.0.1/')
 * console.log(response.status, await response.text())
 * ```
 */
export function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return httpOfEnvironment().fetch(input, init)
}

/**
 * `serve` of Deno on the provider that the variable JACKFIELD_ON of the environment names, as for `connect`.
 *
 * ```ts
 * const server = serve({ port: 8000 }, (request) => new Response(`you asked for ${request.url}`))
 * await server.finished
 * ```
 */
export function serve(handler: ServeHandler): HttpServer
export function serve(options: ServeOptions, handler: ServeHandler): HttpServer
export function serve(options: ServeOptions & { readonly handler: ServeHandler }): HttpServer
export function serve(...given: unknown[]): HttpServer {
  return (httpOfEnvironment().serve as (...given: unknown[]) => HttpServer)(...given)
}

function httpOfEnvironment(): Http {
  if (http === null) {
    const provider = providerOfEnvironment()
    http = httpFor(provider, { names: systemNames(provider) })
  }
  return http
}

// Whoever hands in an engine, or none, has decided.
function withTls<T extends SocketsSettings | DenoSettings>(settings: T): T {
  const given: { readonly tls?: unknown } | null = settings
  return given === null || typeof given !== 'object' || given.tls !== undefined
    ? settings
    : { ...settings, tls: nodeTls() }
}
