// Sockets as what browsers, Node, Deno and Bun have in common.

export type { Addr, NetAddr, UnixAddr } from './deno/deno-address.ts'
export type { DenoConn, DenoTlsConn, TlsHandshakeInfo } from './deno/deno-conn.ts'
export type { DenoDatagramConn, MulticastV4Membership, MulticastV6Membership } from './deno/deno-datagram-conn.ts'
export {
  type ConnectOptions,
  type ConnectTlsOptions,
  type DenoNetwork,
  type DenoSettings,
  denoFor,
  type ListenDatagramOptions,
  type ListenOptions,
  type StartTlsOptions,
  type UnixOptions,
} from './deno/deno-for.ts'
export type { DenoListener } from './deno/deno-listener.ts'
export type { Fetch } from './http/fetch.ts'
export { type Http, httpFor } from './http/http-for.ts'
export type { HttpServer } from './http/http-server.ts'
export type { Serve } from './http/serve.ts'
export type { ServeHandler, ServeHandlerInfo, ServeLimits, ServeOptions } from './http/serve-options.ts'
export type { Chunk } from './web/channel-streams.ts'
export type { AnySocketAddress } from './web/host-and-port.ts'
export type { SocketInfo } from './web/open-channel.ts'
export type { SocketsSettings } from './web/settings.ts'
export { SocketError } from './web/socket-error.ts'
export type { SecureTransport, SocketOptions } from './web/socket-options.ts'
export { type Sockets, socketsFor } from './web/sockets-for.ts'
export type { StreamSocket } from './web/stream-socket.ts'
export type { SecurePair, StreamPair, TlsCredentials, TlsEngine, TlsWishes } from './web/tls-engine.ts'
export { toWebStreams, type WebStreamOptions, type WebStreams } from './web-streams.ts'
