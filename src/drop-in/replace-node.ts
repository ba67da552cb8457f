// Node's modules hold each other's exports as properties of module objects, and read most of them when they are called: replaced in
// place, the exports of net and dgram reach import, require() and Node's own callers. What was read when a module was evaluated is
// changed here: prototypes of servers, and how an Agent connects.

import dgram from 'node:dgram'
import http from 'node:http'
import http2 from 'node:http2'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
// Terminals inherit from Node's own sockets: they are made before net.Socket is another.
import 'node:tty'
import { dgramFor } from '../adapters/dgram/dgram-for.ts'
import { netFor } from '../adapters/net/net-for.ts'
import type { Provider } from '../socket/provider.ts'
import { createServerBeside } from './cluster-primary.ts'
import { socketBeside } from './node-socket.ts'
import { connectOver, passOn } from './tls-over-sockets.ts'

/** Puts sockets of `provider` beneath everything of Node's that uses the network, for the rest of the program. */
export function replaceNode(provider: Provider): void {
  const ours = netFor(provider)
  const { Server, createConnection } = net
  const createServer = createServerBeside(ours.createServer, net.createServer)
  const Socket = socketBeside(ours.Socket, net.Socket)
  replace(net, { ...Object.getOwnPropertyDescriptors(ours), ...values({ Socket, Stream: Socket, createServer }) })
  replace(dgram, Object.getOwnPropertyDescriptors(dgramFor(provider)))
  for (const one of [http.Server, tls.Server, http2.createServer().constructor]) inherit(one, Server, ours.Server)
  // http2 of a newer Node calls it by the class that it found when it was evaluated.
  const { close } = Server.prototype
  Server.prototype.close = function (...given) {
    return Reflect.apply(this instanceof ours.Server ? ours.Server.prototype.close : close, this, given)
  }
  const agent = http.Agent.prototype as { createConnection?: unknown }
  // A newer Node's asks net when it is called.
  if (agent.createConnection === createConnection) agent.createConnection = ours.createConnection
  passOn(tls.TLSSocket.prototype, ours as never)
  replace(tls, values({ connect: connectOver(ours as never, tls.connect as never) }))
  syncBuiltinESMExports()
}

function replace(module: object, exports: PropertyDescriptorMap): void {
  for (const [name, descriptor] of Object.entries(exports)) {
    // What cannot be replaced is a class of Node's that the drop-in has as well: BlockList, SocketAddress.
    if (Object.getOwnPropertyDescriptor(module, name)?.configurable === false) continue
    Object.defineProperty(module, name, descriptor)
  }
}

function values(exports: Record<string, unknown>): PropertyDescriptorMap {
  const found: PropertyDescriptorMap = {}
  for (const [name, value] of Object.entries(exports)) {
    found[name] = { value, enumerable: true, writable: true, configurable: true }
  }
  return found
}

/** Lets a constructor that inherits from `before` inherit from `after`. */
function inherit(one: { prototype: object }, before: { prototype: object }, after: { prototype: object }): void {
  if (Object.getPrototypeOf(one) === before) Object.setPrototypeOf(one, after)
  if (Object.getPrototypeOf(one.prototype) === before.prototype) Object.setPrototypeOf(one.prototype, after.prototype)
}
