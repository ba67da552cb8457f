import { checkMethods } from '../../base/argument.ts'
import type { ChannelStreams, Chunk } from './channel-streams.ts'
import { SocketError } from './socket-error.ts'
import { StreamChannel } from './stream-channel.ts'

/** A connection as streams: what a TLS engine gets, and what it gives. */
export interface StreamPair {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Chunk>
}

export interface TlsWishes {
  /** Whose certificate it must be, and the name that is sent as SNI unless it is an address. */
  readonly servername: string
  /** Protocols to offer, those liked best in front; empty: no offer is made. */
  readonly alpn: readonly string[]
  /** Who is believed besides those that the engine believes: certificates as PEM. Left out: nobody. */
  readonly caCerts?: readonly string[] | undefined
  /** Our own certificate, and its key, as PEM. Left out: none. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface TlsCredentials {
  /** Our certificate, and those between it and one that is believed, and its key, as PEM. */
  readonly cert: string
  readonly key: string
  /** Protocols of which one is chosen, those liked best in front. */
  readonly alpn: readonly string[]
}

export interface SecurePair extends StreamPair {
  /** The protocol that the server has chosen, or null. */
  readonly alpn: string | null
}

/**
 * TLS, as a client and, where there is `accept`, as a server. It speaks TLS over the pair that it is given, which from then on is its own, and gives the pair of what is
 * inside, once the handshake is over and the certificate is believed; it rejects where that fails.
 *
 * Of the pair that it gives: the end of the readable is the peer's close_notify; closing the writable sends ours; cancelling
 * the one and aborting the other ends the connection. Chunks of the readable are Uint8Arrays, of any length. What it gives is asked
 * for only as it is wanted, and so should what it was given: otherwise there is no backpressure.
 *
 * In Node there is one over node:tls; in a page an engine is handed in.
 */
export interface TlsEngine {
  connect(pair: StreamPair, wishes: TlsWishes): Promise<SecurePair>
  accept?(pair: StreamPair, credentials: TlsCredentials): Promise<SecurePair>
}

/** What is inside of a TLS connection, as a channel, over the streams of `plain`. */
export async function secured(
  engine: TlsEngine,
  plain: ChannelStreams,
  wishes: TlsWishes,
): Promise<{ readonly channel: StreamChannel; readonly alpn: string | null }> {
  const { readable, writable } = plain
  return checked(await engine.connect({ readable, writable }, wishes), wishes.alpn)
}

/** The same, of a server. */
export async function accepted(
  engine: TlsEngine,
  plain: ChannelStreams,
  credentials: TlsCredentials,
): Promise<{ readonly channel: StreamChannel; readonly alpn: string | null }> {
  const { readable, writable } = plain
  const pair = await engine.accept?.({ readable, writable }, credentials)
  return checked(pair as SecurePair, credentials.alpn)
}

function checked(
  pair: SecurePair,
  protocols: readonly string[],
): { readonly channel: StreamChannel; readonly alpn: string | null } {
  checkMethods('readable of the TLS engine', pair?.readable, 'a ReadableStream', 'getReader')
  checkMethods('writable of the TLS engine', pair.writable, 'a WritableStream', 'getWriter')
  const { alpn } = pair
  if (alpn !== null && alpn !== undefined && !protocols.includes(alpn)) {
    throw new SocketError(`the server has chosen ${JSON.stringify(alpn)}, which was not offered`)
  }
  return { channel: new StreamChannel(pair), alpn: alpn ?? null }
}
