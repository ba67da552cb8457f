// Read first: socket.connect in Node's manual.

import { channel } from 'node:diagnostics_channel'
import dns from 'node:dns'
import { isIP } from 'node:net'
import { StreamHandle } from '../handle/stream-handle.ts'
import {
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validatePort,
  validateString,
} from '../node-argument.ts'
import {
  exceptionWithHostPort,
  invalidAddressFamily,
  invalidArgType,
  invalidArgValue,
  invalidIpAddress,
  ipBlocked,
  missingArgs,
} from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import { ConnectAttempt, checkBound, localText } from './connect-attempt.ts'
import { type FoundAddress, HappyEyeballs, inTurnByFamily, SHORTEST_ATTEMPT } from './happy-eyeballs.ts'
import { STATE, WORLD } from './net-world.ts'
import { normalizedOnce } from './normalize-arguments.ts'
import type { Socket } from './socket.ts'
import { TELLS_CLIENT_IN_CONNECT } from './socket-state.ts'

export type ConnectArguments = readonly unknown[]

type LookupCallback = (error: Error | null, address?: unknown, family?: unknown) => void

type Lookup = (host: string, options: dns.LookupOptions, callback: LookupCallback) => void

export interface ConnectOptions {
  port?: unknown
  host?: string
  path?: string
  localAddress?: string
  localPort?: number
  family?: unknown
  hints?: number
  lookup?: Lookup
  autoSelectFamily?: boolean
  autoSelectFamilyAttemptTimeout?: number
}

/** Where a connection goes to, and from. */
export interface Destination {
  readonly port: number
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
}

export const clientChannel = channel('net.client.socket')

export function connectSocket(socket: Socket, args: ConnectArguments): void {
  const [given, callback] = normalizedOnce(args)
  const options = given as ConnectOptions
  if (TELLS_CLIENT_IN_CONNECT && clientChannel.hasSubscribers) clientChannel.publish({ socket })
  if (callback !== null) socket.once('connect', callback)
  if (socket._parent?.connecting) return
  if (options.port === undefined && options.path == null) throw missingArgs(['options', 'port', 'path'])
  // After the peer's end 'write' was another.
  const { write } = socket[WORLD].Socket.prototype
  if (socket.write !== write) socket.write = write
  const state = socket[STATE]
  if (socket.destroyed) {
    state.handle = null
    state.bound = false
    state.peerName = undefined
    state.ownName = null
  }
  const { path } = options
  const toPath = state.bound && state.handle !== null ? state.handle.kind === 'pipe' : Boolean(path)
  if (state.handle === null) {
    state.handle = new StreamHandle(socket[WORLD].provider, toPath ? 'pipe' : 'tcp', state)
    state.begin()
  }
  socket._unrefTimer()
  socket.connecting = true
  if (toPath) {
    validateString(path, 'options.path')
    connectToPath(socket, path)
  } else {
    lookUpAndConnect(socket, options)
  }
}

function lookUpAndConnect(socket: Socket, options: ConnectOptions): void {
  const { localAddress, localPort } = options
  const host = options.host || 'localhost'
  if (CHECKS_HOST) validateHost(host)
  const { bound } = socket[STATE]
  if (bound && (localAddress !== undefined || localPort !== undefined)) {
    throw invalidArgValue('options', options, 'localAddress and localPort cannot be used with an adopted bound socket')
  }
  if (localAddress && !isIP(localAddress)) throw invalidIpAddress(localAddress)
  if (localPort) validateNumber(localPort, 'options.localPort')
  const port = checkedPort(options.port)
  const destination = { port, localAddress, localPort }
  const [auto, attemptTimeout] = checkedFamilySelection(socket, options)
  const version = isIP(host)
  if (version !== 0) {
    // A bound socket's address is to be seen at once; others are connected when the caller has had time to listen.
    if (bound) connectToAddress(socket, host, version, destination)
    else process.nextTick(connectIfWanted, socket, host, version, destination)
    return
  }
  if (options.lookup != null) validateFunction(options.lookup, 'options.lookup')
  const lookup = (options.lookup ?? dns.lookup) as Lookup
  const query = lookupOptions(options)
  socket._host = host
  if (query.family !== 4 && query.family !== 6 && !localAddress && auto && !bound) {
    lookup(host, { ...query, all: true }, (error, addresses) =>
      foundAll(socket, host, options, destination, attemptTimeout, error, addresses as ArrayLike<FoundAddress>),
    )
    return
  }
  lookup(host, query, (error, address, family) => found(socket, host, options, destination, error, address, family))
}

/** Older Nodes leave it to the lookup. */
const CHECKS_HOST = nodeAtLeast(22)

// Read by libuv to its first NUL: what follows would be lost.
function validateHost(host: unknown): void {
  validateString(host, 'options.host')
  if (host.includes('\0')) throw invalidArgValue('options.host', host, 'must be a string without null bytes')
}

function checkedPort(port: unknown): number {
  if (port === undefined) return 0
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw invalidArgType('options.port', ['number', 'string'], port)
  }
  return validatePort(port)
}

function checkedFamilySelection(socket: Socket, options: ConnectOptions): [boolean, number] {
  const world = socket[WORLD]
  const { autoSelectFamily, autoSelectFamilyAttemptTimeout: wait } = options
  if (autoSelectFamily != null) validateBoolean(autoSelectFamily, 'options.autoSelectFamily')
  if (wait == null) return [autoSelectFamily ?? world.autoSelectFamily, world.autoSelectFamilyAttemptTimeout]
  validateInt32(wait, 'options.autoSelectFamilyAttemptTimeout', 1)
  return [autoSelectFamily ?? world.autoSelectFamily, Math.max(wait, SHORTEST_ATTEMPT)]
}

function lookupOptions(options: ConnectOptions): dns.LookupOptions {
  const { family: given } = options
  const family = given === 'IPv4' ? 4 : given === 'IPv6' ? 6 : (given as number | undefined)
  const hints = options.hints || 0
  const one = family === 4 || family === 6
  return { family: family as number, hints: !one && hints === 0 ? dns.ADDRCONFIG : hints }
}

function connectIfWanted(socket: Socket, address: string, version: number, destination: Destination): void {
  if (socket.connecting) connectToAddress(socket, address, version, destination)
}

function found(
  socket: Socket,
  host: string,
  options: ConnectOptions,
  destination: Destination,
  error: Error | null,
  address: unknown,
  family: unknown,
): void {
  socket.emit('lookup', error, address, family, host)
  if (!socket.connecting) return
  if (error) {
    destroySoon(socket, error)
  } else if (typeof address !== 'string' || !isIP(address)) {
    destroySoon(socket, invalidIpAddress(address))
  } else if (family !== 4 && family !== 6) {
    destroySoon(socket, invalidAddressFamily(family, options.host, options.port))
  } else {
    socket._unrefTimer()
    connectToAddress(socket, address, family, destination)
  }
}

function foundAll(
  socket: Socket,
  host: string,
  options: ConnectOptions,
  destination: Destination,
  attemptTimeout: number,
  error: Error | null,
  addresses: ArrayLike<FoundAddress>,
): void {
  if (!socket.connecting) return
  if (error) {
    socket.emit('lookup', error, undefined, undefined, host)
    destroySoon(socket, error)
    return
  }
  for (let i = 0; i < addresses.length; i++) {
    const { address, family } = addresses[i] as FoundAddress
    socket.emit('lookup', null, address, family, host)
    if (!socket.connecting) return
  }
  const wanted = inTurnByFamily(Array.from(addresses))
  const [first] = wanted
  if (first === undefined) {
    const { address, family } = addresses[0] as FoundAddress
    if (!isIP(address)) destroySoon(socket, invalidIpAddress(address))
    else destroySoon(socket, invalidAddressFamily(family, options.host, options.port))
    return
  }
  socket._unrefTimer()
  if (wanted.length === 1) connectToAddress(socket, first.address, first.family, destination)
  else new HappyEyeballs(socket, wanted, destination, attemptTimeout).next()
}

// Whoever has just made the socket has no listener yet.
function destroySoon(socket: Socket, error: Error): void {
  process.nextTick(destroyNow, socket, error)
}

function destroyNow(socket: Socket, error: Error): void {
  socket.destroy(error)
}

function connectToPath(socket: Socket, path: string): void {
  const handle = socket[STATE].handle as StreamHandle
  socket.emit('connectionAttempt', path, undefined, undefined)
  if (handle.closed) return
  const attempt = new ConnectAttempt(socket, handle, { address: path, version: undefined, port: undefined })
  const status = handle.connectPath(path)
  if (status < 0) failNow(socket, status, path, undefined)
  else attempt.begin()
}

function connectToAddress(socket: Socket, address: string, version: number, destination: Destination): void {
  const { port, localPort } = destination
  let { localAddress } = destination
  const handle = socket[STATE].handle as StreamHandle
  if (localAddress || localPort) {
    localAddress ||= version === 4 ? '0.0.0.0' : '::'
    const status = checkBound(handle, handle.bind(localAddress, localPort ?? 0, version, {}), localPort)
    if (status !== 0) {
      socket.destroy(exceptionWithHostPort(status, 'bind', localAddress, localPort))
      return
    }
  }
  socket.emit('connectionAttempt', address, port, version)
  // A listener has destroyed it. (Node fails with a TypeError here.)
  if (handle.closed) return
  if (socket.blockList?.check(address, version === 6 ? 'ipv6' : 'ipv4')) {
    socket.destroy(ipBlocked(address))
    return
  }
  const attempt = new ConnectAttempt(socket, handle, { address, version, port, localAddress, localPort })
  const status = handle.connect(address, port, version)
  if (status < 0) failNow(socket, status, address, port)
  else attempt.begin()
}

function failNow(socket: Socket, status: number, address: string, port: number | undefined): void {
  socket.destroy(exceptionWithHostPort(status, 'connect', address, port, localText(socket)))
}
