import { IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Names } from '../../services/names/names.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError as CallError } from '../../socket/socket-error.ts'
import { ChannelStreams } from './channel-streams.ts'
import type { HostAndPort } from './host-and-port.ts'
import type { OctetChannel } from './octet-channel.ts'
import { SocketChannel } from './socket-channel.ts'
import { SocketError } from './socket-error.ts'
import { accepted, secured, type TlsCredentials, type TlsEngine, type TlsWishes } from './tls-engine.ts'

/** What `opened` tells of a connection. */
export interface SocketInfo {
  /** The peer, "192.0.2.1:443". */
  readonly remoteAddress: string | null
  readonly localAddress: string | null
  /** The protocol that the server has chosen of those offered. */
  readonly alpn: string | null
}

/** A connection that is there. */
export interface OpenChannel {
  readonly channel: OctetChannel
  readonly info: SocketInfo
}

/** Octets of a read without a buffer of its own: what most reads of a busy connection find. */
export const CHUNK = 65536

/** A stream socket that is connected to a host, of which a name is looked up by `names`. */
export async function connectHost(
  provider: Provider,
  names: Pick<Names, 'connect'> | null,
  { hostname, port }: HostAndPort,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const numeric = IpAddress.parse(hostname.replace(/%.*$/, '')) !== null
  if (numeric) return connectAddress(provider, hostname, port, signal)
  if (names === null) {
    throw new SocketError(`${hostname} is a name, and there is nobody to look it up: give \`names\`, or an address`)
  }
  return names.connect(hostname, port, { signal })
}

async function connectAddress(
  provider: Provider,
  text: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const address = SocketAddress.internet(text, port, (name) => provider.interfaceIndex?.(name) ?? 0)
  const socket = new Socket(provider, address.family, SOCK_STREAM)
  try {
    await socket.connect(address, { signal })
    return socket
  } catch (error) {
    void socket.close()
    throw error
  }
}

// A chunk is what its writer meant to send, and nobody could ask for it in this interface: Nagle (RFC 9293 section 3.7.4) is off.
function withoutDelay(socket: Socket): void {
  try {
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
  }
}

/** A socket that has just been connected. */
export function plainChannel(socket: Socket): OpenChannel {
  try {
    withoutDelay(socket)
    const info = {
      remoteAddress: socket.getpeername().toString(),
      localAddress: socket.getsockname().toString(),
      alpn: null,
    }
    return { channel: new SocketChannel(socket), info }
  } catch (error) {
    // It was gone before anybody looked.
    void socket.close()
    throw error
  }
}

/** TLS over a connection. Where `signal` aborts meanwhile, or the handshake fails, the connection is closed. */
export function secureChannel(
  plain: OpenChannel,
  engine: TlsEngine,
  wishes: TlsWishes,
  signal: AbortSignal,
): Promise<OpenChannel> {
  return handshake(plain, (streams) => secured(engine, streams, wishes), signal)
}

/** The same, as the server. */
export function secureServerChannel(
  plain: OpenChannel,
  engine: TlsEngine,
  credentials: TlsCredentials,
  signal: AbortSignal,
): Promise<OpenChannel> {
  return handshake(plain, (streams) => accepted(engine, streams, credentials), signal)
}

async function handshake(
  { channel: plain, info }: OpenChannel,
  begin: (streams: ChannelStreams) => ReturnType<typeof secured>,
  signal: AbortSignal,
): Promise<OpenChannel> {
  let stop: () => void = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
  })
  try {
    signal.throwIfAborted()
    const work = begin(new ChannelStreams(plain, CHUNK))
    work.catch(() => {})
    const { channel, alpn } = await Promise.race([work, stopped])
    return { channel: new OuterChannel(channel, plain), info: { ...info, alpn } }
  } catch (error) {
    await plain.close()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A channel within another, which is gone with it. */
class OuterChannel implements OctetChannel {
  readonly #inner: OctetChannel
  readonly #carrier: OctetChannel

  constructor(inner: OctetChannel, carrier: OctetChannel) {
    this.#inner = inner
    this.#carrier = carrier
  }

  read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#inner.read(into)
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#inner.write(bytes)
  }

  end(): void | Promise<void> {
    return this.#inner.end()
  }

  mute(): void {
    this.#inner.mute()
  }

  async abort(reason: unknown): Promise<void> {
    await this.#carrier.abort(reason)
    await this.#inner.abort(reason)
  }

  async close(): Promise<void> {
    await this.#inner.close()
    await this.#carrier.close()
  }
}
