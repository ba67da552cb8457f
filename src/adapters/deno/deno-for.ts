// Read first: Deno's documentation, "Network". What is a permission there is the provider's matter here.

import { given } from '../../base/argument.ts'
import {
  AF_UNIX,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { connectHost, secureChannel } from '../web/open-channel.ts'
import { checkSettings, type SocketsSettings } from '../web/settings.ts'
import { type Addr, denoAddress, type NetAddr, netAddress, type UnixAddr, unixAddress } from './deno-address.ts'
import { type DenoConn, DenoTlsConn } from './deno-conn.ts'
import { DenoDatagramConn } from './deno-datagram-conn.ts'
import { denoError, errors, told, wrongOption } from './deno-errors.ts'
import { connOf, DenoListener } from './deno-listener.ts'

export type DenoSettings = SocketsSettings

export interface ConnectOptions {
  readonly transport?: 'tcp' | undefined
  /** Left out: 127.0.0.1. */
  readonly hostname?: string | undefined
  readonly port: number
  readonly signal?: AbortSignal | undefined
}

export interface UnixOptions<T extends UnixAddr['transport']> {
  readonly transport: T
  readonly path: string
}

export interface ListenOptions {
  readonly transport?: 'tcp' | undefined
  /** An address, or 'localhost'. Left out: 0.0.0.0. */
  readonly hostname?: string | undefined
  /** 0: any that is free. Left out: 0. */
  readonly port?: number | undefined
  readonly reusePort?: boolean | undefined
  /** Connections that may wait to be accepted. */
  readonly tcpBacklog?: number | undefined
}

export interface ListenDatagramOptions {
  readonly transport: 'udp'
  /** An address, or 'localhost'. Left out: 127.0.0.1. */
  readonly hostname?: string | undefined
  readonly port: number
  readonly reuseAddress?: boolean | undefined
  /** Whether what goes to a group is heard by this host too. */
  readonly loopback?: boolean | undefined
}

export interface StartTlsOptions {
  /** Whose certificate it must be. Left out: 127.0.0.1. */
  readonly hostname?: string | undefined
  /** Certificates, as PEM, that are believed too. */
  readonly caCerts?: readonly string[] | undefined
  readonly alpnProtocols?: readonly string[] | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface ConnectTlsOptions extends StartTlsOptions {
  readonly port: number
}

/** Deno's network, as it is under the name Deno. */
export interface DenoNetwork {
  connect(options: ConnectOptions): Promise<DenoConn<NetAddr>>
  connect(options: UnixOptions<'unix'>): Promise<DenoConn<UnixAddr>>
  connectTls(options: ConnectTlsOptions): Promise<DenoTlsConn<NetAddr>>
  startTls(conn: DenoConn<NetAddr>, options?: StartTlsOptions): Promise<DenoTlsConn<NetAddr>>
  listen(options: ListenOptions): DenoListener<NetAddr>
  listen(options: UnixOptions<'unix'>): DenoListener<UnixAddr>
  listenDatagram(options: ListenDatagramOptions): DenoDatagramConn<NetAddr>
  listenDatagram(options: UnixOptions<'unixpacket'>): DenoDatagramConn<UnixAddr>
  readonly errors: typeof errors
}

/**
 * Deno's network over a provider: `Deno.connect`, `Deno.listen` and their like, with connections, listeners and errors of Deno's shape.
 *
 * ```ts
 * const Deno = denoFor(stack)
 * for await (const conn of Deno.listen({ port: 7 })) void conn.readable.pipeTo(conn.writable)
 * ```
 */
export function denoFor(provider: Provider, settings: DenoSettings = {}): DenoNetwork {
  const { names, engine } = checkSettings(provider, settings)

  async function connect(options: ConnectOptions | UnixOptions<'unix'>): Promise<DenoConn> {
    const transport = options?.transport ?? 'tcp'
    if (transport === 'unix') {
      const address = unixAddress((options as UnixOptions<'unix'>).path)
      const socket = told(() => new Socket(provider, AF_UNIX, SOCK_STREAM))
      try {
        await socket.connect(address)
      } catch (error) {
        void socket.close()
        throw denoError(error)
      }
      return connOf(socket, 'unix')
    }
    if (transport !== 'tcp') throw wrongOption('transport', "'tcp' or 'unix'", transport)
    const { hostname = '127.0.0.1', port, signal } = options as ConnectOptions
    const place = { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
    try {
      return connOf(await connectHost(provider, names, place, signal), 'tcp')
    } catch (error) {
      throw denoError(error)
    }
  }

  async function startTls(conn: DenoConn<NetAddr>, options: StartTlsOptions = {}): Promise<DenoTlsConn<NetAddr>> {
    if (engine === null) throw new errors.NotSupported('there is no TLS engine: give `tls`')
    const { hostname = '127.0.0.1', alpnProtocols = [], caCerts, cert, key } = options
    const { channel: plain, socket } = conn.consume()
    const open = { channel: plain, info: { remoteAddress: null, localAddress: null, alpn: null } }
    const wishes = { servername: hostname, alpn: alpnProtocols, caCerts, cert, key }
    const { channel, info } = await secureChannel(open, engine, wishes, new AbortController().signal)
    return new DenoTlsConn(channel, socket, conn.localAddr, conn.remoteAddr, info.alpn)
  }

  async function connectTls(options: ConnectTlsOptions): Promise<DenoTlsConn<NetAddr>> {
    const { port, hostname = '127.0.0.1' } = options
    const conn = (await connect({ port, hostname })) as DenoConn<NetAddr>
    try {
      return await startTls(conn, options)
    } catch (error) {
      conn[Symbol.dispose]()
      throw error
    }
  }

  function listen(options: ListenOptions | UnixOptions<'unix'>): DenoListener {
    const transport = options?.transport ?? 'tcp'
    if (transport === 'unix') {
      const address = unixAddress((options as UnixOptions<'unix'>).path)
      return new DenoListener(
        bound(address, SOCK_STREAM, () => {}),
        denoAddress(address, 'unix'),
      )
    }
    if (transport !== 'tcp') throw wrongOption('transport', "'tcp' or 'unix'", transport)
    const { hostname = '0.0.0.0', port = 0, reusePort, tcpBacklog } = options as ListenOptions
    const prepare = (socket: Socket) => {
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      if (reusePort === true) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
    }
    const socket = bound(localAddress(hostname, port), SOCK_STREAM, prepare, tcpBacklog)
    return new DenoListener(socket, denoAddress(socket.getsockname(), 'tcp'))
  }

  function listenDatagram(options: ListenDatagramOptions | UnixOptions<'unixpacket'>): DenoDatagramConn {
    const transport = options?.transport
    if (transport === 'unixpacket') {
      const address = unixAddress(options.path)
      const socket = bound(address, SOCK_DGRAM, () => {})
      return new DenoDatagramConn(socket, denoAddress(address, 'unixpacket'))
    }
    if (transport !== 'udp') throw wrongOption('transport', "'udp' or 'unixpacket'", transport)
    const { hostname = '127.0.0.1', port, reuseAddress, loopback } = options
    const prepare = (socket: Socket) => {
      if (reuseAddress === true) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      if (loopback !== undefined) socket.setsockopt(IPPROTO_IP, IP_MULTICAST_LOOP, loopback)
    }
    const socket = bound(localAddress(hostname, port), SOCK_DGRAM, prepare)
    return new DenoDatagramConn(socket, denoAddress(socket.getsockname(), 'udp'))
  }

  // Deno listens at once: there is no time to ask for a name.
  function localAddress(hostname: string, port: number): SocketAddress {
    if (typeof hostname !== 'string') throw wrongOption('hostname', 'a string', hostname)
    try {
      return netAddress(provider, hostname === 'localhost' ? '127.0.0.1' : hostname, port)
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('address')) {
        throw wrongOption('hostname', "an address or 'localhost'", hostname)
      }
      throw error
    }
  }

  function bound(address: SocketAddress, type: number, prepare: (socket: Socket) => void, backlog?: number): Socket {
    return told(() => {
      const socket = new Socket(provider, address.family, type)
      try {
        prepare(socket)
        socket.bind(address)
        if (type === SOCK_STREAM) socket.listen(backlog)
        return socket
      } catch (error) {
        void socket.close()
        throw error
      }
    })
  }

  const checked =
    <O, R>(call: (options: O) => R) =>
    (options: O): R => {
      if (options === null || typeof options !== 'object') {
        throw new TypeError(`options must be an object, got ${given(options)}`)
      }
      return call(options)
    }
  return {
    connect: connect as DenoNetwork['connect'],
    connectTls,
    startTls,
    listen: checked(listen) as DenoNetwork['listen'],
    listenDatagram: checked(listenDatagram) as DenoNetwork['listenDatagram'],
    errors,
  }
}

export type { Addr }
