// Read first: Node's manual of net.

import net, * as nodeNet from 'node:net'
import type { Provider } from '../../socket/provider.ts'
import { validateBoolean, validateInt32 } from '../node-argument.ts'
import { nodeAtLeast } from '../node-version.ts'
import { type BoundSocket, boundSocketOf } from './bound-socket.ts'
import { clientChannel } from './connect.ts'
import { SHORTEST_ATTEMPT } from './happy-eyeballs.ts'
import type { NetWorld, ServerConstructor, SocketConstructor } from './net-world.ts'
import { normalizeArguments } from './normalize-arguments.ts'
import { type NetPromises, promisesOf } from './promises.ts'
import { type Server, serverOf } from './server.ts'
import { type Socket, socketOf } from './socket.ts'
import { TELLS_CLIENT_IN_CONNECT } from './socket-state.ts'

/** What `node:net` exports, on a provider's sockets; with what the newest Node has, on every Node. */
export type NetModule = typeof nodeNet & {
  readonly BoundSocket: typeof BoundSocket
  readonly promises: NetPromises
}

const modules = new WeakMap<Provider, NetModule>()

/**
 * `node:net` on a provider: the same functions, classes, events and errors, on a stack of ours or on the operating system's sockets.
 * Every call for a provider gives the same module.
 *
 * ```ts
 * const net = netFor(stack)
 * net.createServer((socket) => socket.pipe(socket)).listen(7, '127.0.0.1')
 * ```
 */
export function netFor(provider: Provider): NetModule {
  let module = modules.get(provider)
  if (module === undefined) {
    module = makeModule(provider)
    modules.set(provider, module)
  }
  return module
}

function makeModule(provider: Provider): NetModule {
  const world: { -readonly [K in keyof NetWorld]: NetWorld[K] } = {
    provider,
    autoSelectFamily: nodeNet.getDefaultAutoSelectFamily(),
    autoSelectFamilyAttemptTimeout: nodeNet.getDefaultAutoSelectFamilyAttemptTimeout(),
    BoundSocket: null as unknown as typeof BoundSocket,
    Socket: null as unknown as SocketConstructor,
    Server: null as unknown as ServerConstructor,
  }
  world.Socket = socketOf(world)
  world.Server = serverOf(world)
  world.BoundSocket = boundSocketOf(world)
  const { Socket, Server } = world

  function connect(...args: unknown[]): Socket {
    const normalized = normalizeArguments(args)
    const [options] = normalized
    const socket = new Socket(options)
    if (!TELLS_CLIENT_IN_CONNECT && clientChannel.hasSubscribers) clientChannel.publish({ socket })
    if (options.timeout) socket.setTimeout(options.timeout as number)
    return socket.connect(normalized)
  }

  function createServer(options?: unknown, connectionListener?: unknown): Server {
    return new Server(options as never, connectionListener as never)
  }

  function getDefaultAutoSelectFamily() {
    return world.autoSelectFamily
  }

  function setDefaultAutoSelectFamily(value: boolean) {
    validateBoolean(value, 'value')
    world.autoSelectFamily = value
  }

  function getDefaultAutoSelectFamilyAttemptTimeout() {
    return world.autoSelectFamilyAttemptTimeout
  }

  function setDefaultAutoSelectFamilyAttemptTimeout(value: number) {
    validateInt32(value, 'value', 1)
    world.autoSelectFamilyAttemptTimeout = Math.max(value, SHORTEST_ATTEMPT)
  }

  function normalizeArgs(args: unknown[]) {
    return normalizeArguments(args)
  }

  const module = {
    _normalizeArgs: normalizeArgs,
    ...(nodeAtLeast(24) ? {} : { _setSimultaneousAccepts }),
    BoundSocket: world.BoundSocket,
    connect,
    createConnection: connect,
    createServer,
    isIP: nodeNet.isIP,
    isIPv4: nodeNet.isIPv4,
    isIPv6: nodeNet.isIPv6,
    Server,
    Socket,
    Stream: Socket,
    getDefaultAutoSelectFamily,
    setDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout,
    setDefaultAutoSelectFamilyAttemptTimeout,
  }
  // Node loads these two when they are asked for.
  const own = Object.getOwnPropertyDescriptors(net)
  Object.defineProperties(module, {
    BlockList: own.BlockList as PropertyDescriptor,
    SocketAddress: own.SocketAddress as PropertyDescriptor,
    promises: { value: promisesOf(module as unknown as NetModule) },
  })
  return module as unknown as NetModule
}

let warned = false

// It did something on Windows alone.
function _setSimultaneousAccepts(): void {
  if (warned) return
  warned = true
  process.emitWarning(
    'net._setSimultaneousAccepts() is deprecated and will be removed.',
    'DeprecationWarning',
    'DEP0121',
  )
}
