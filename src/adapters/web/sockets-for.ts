// Read first: the WinterTC Sockets API (sockets-api.proposal.wintertc.org), "Binding Object" and "connect".

import type { Provider } from '../../socket/provider.ts'
import { type AnySocketAddress, hostAndPort } from './host-and-port.ts'
import { connectHost, type OpenChannel, plainChannel, secureChannel } from './open-channel.ts'
import { checkSettings, type SocketsSettings } from './settings.ts'
import { SocketError } from './socket-error.ts'
import { checkSocketOptions, type SocketOptions } from './socket-options.ts'
import { StreamSocket } from './stream-socket.ts'

/** What the WinterTC Sockets API calls a binding object. */
export interface Sockets {
  /**
   * A socket that connects to `address`: "host:port", "[::1]:port" or `{ hostname, port }`. It is given at once; `opened` tells how it
   * went. Throws a SocketError for an address or an option that is wrong, and for TLS where there is no engine.
   */
  connect(address: AnySocketAddress, options?: SocketOptions): StreamSocket
}

/**
 * The WinterTC Sockets API over a provider.
 *
 * ```ts
 * const { connect } = socketsFor(stack, { names: new Names(stack, { servers: ['192.0.2.53'], random: secureRandom }) })
 * const socket = connect('server.example:7')
 * const { remoteAddress } = await socket.opened
 * ```
 */
export function socketsFor(provider: Provider, settings: SocketsSettings = {}): Sockets {
  const { names, engine } = checkSettings(provider, settings)
  return {
    connect(address, given) {
      const place = hostAndPort(address)
      const options = checkSocketOptions(given)
      const { secureTransport, sni, alpn } = options
      if (secureTransport !== 'off' && engine === null) {
        throw new SocketError(`secureTransport '${secureTransport}' needs a TLS engine: give \`tls\``)
      }
      const servername = sni ?? place.hostname
      const open = async (signal: AbortSignal): Promise<OpenChannel> => {
        const socket = await connectHost(provider, names, place, signal)
        const plain = plainChannel(socket)
        if (secureTransport !== 'on' || engine === null) return plain
        return secureChannel(plain, engine, { servername, alpn }, signal)
      }
      return new StreamSocket({ open, options, engine, servername })
    },
  }
}
