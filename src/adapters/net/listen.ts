// Read first: server.listen in Node's manual.

import dns from 'node:dns'
import { isIPv6 } from 'node:net'
import { EINVAL, ENOTSOCK } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { descriptorType } from '../descriptor-type.ts'
import { ListenHandle } from '../handle/listen-handle.ts'
import type { BindOptions } from '../handle/socket-handle.ts'
import { isInt32, validatePort } from '../node-argument.ts'
import { errnoException, invalidArgValue, listenException, nodeError } from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import { BoundSocket } from './bound-socket.ts'
import { closeOnAbort } from './close-on-abort.ts'
import { endpointOfDescriptor } from './descriptor.ts'
import { listenInWorker } from './listen-in-worker.ts'
import { STATE, WORLD } from './net-world.ts'
import { countOf, isPath, normalizeArguments } from './normalize-arguments.ts'
import type { Server } from './server.ts'
import { failListening, listenChannel, startListening } from './start-listening.ts'

export type ListenArguments = readonly unknown[]

interface ListenOptions extends BindOptions {
  port?: number | string | null
  host?: string
  path?: string
  backlog?: number
  exclusive?: boolean
  readableAll?: boolean
  writableAll?: boolean
  fd?: number
  signal?: unknown
  handle?: unknown
  _handle?: unknown
}

export function listenServer(server: Server, args: ListenArguments): void {
  const [given, callback] = normalizeArguments(args)
  const state = server[STATE]
  if (state.handle !== null) throw nodeError('ERR_SERVER_ALREADY_LISTEN')
  if (listenChannel.hasSubscribers) listenChannel.asyncStart.publish({ server, options: given })
  if (callback !== null) server.once('listening', callback)
  const backlogGiven = (args.length > 1 && countOf(args[1])) || (args.length > 2 && countOf(args[2])) || 0
  const bound = given instanceof BoundSocket ? given : given.handle
  if (bound instanceof BoundSocket) {
    listenOnBound(server, bound, backlogGiven)
    return
  }
  const options = (given._handle || given.handle || given) as ListenOptions
  const shared: unknown = options
  if (shared instanceof ListenHandle && shared.kind === 'tcp') {
    state.handle = shared
    shared.owner = state
    startListening(server, null, -1, -1, backlogGiven)
    return
  }
  state.listening++
  closeOnAbort(server, options.signal)
  if (typeof options.fd === 'number' && options.fd >= 0) {
    listenOnDescriptor(server, options.fd, backlogGiven)
    return
  }
  const nowhere = args.length === 0 || typeof args[0] === 'function'
  if (nowhere || (options.port === undefined && 'port' in options) || options.port === null) options.port = 0
  if (typeof options.port === 'number' || typeof options.port === 'string') {
    validatePort(options.port, 'options.port')
    if (SHARES_PORT_ALONE && options.reusePort === true) options.exclusive = true
    const backlog = options.backlog || backlogGiven
    const port = Number(options.port) | 0
    if (options.host) lookUpAndListen(server, options.host, port, backlog, options)
    else listenOnAddress(server, null, port, 4, backlog, options)
    return
  }
  if (options.path && isPath(options.path)) {
    listenOnPath(server, options.path, options.backlog || backlogGiven, options)
    return
  }
  if (!('port' in options || 'path' in options)) {
    throw invalidArgValue('options', options, 'must have the property "port" or "path"')
  }
  throw invalidArgValue('options', options)
}

function lookUpAndListen(server: Server, host: string, port: number, backlog: number, options: BindOptions): void {
  const state = server[STATE]
  const { listening } = state
  const listen = (address: string, family: number) =>
    listenOnAddress(server, address, port, family || 4, backlog, options)
  if (!LISTENS_BEYOND_LINK) {
    dns.lookup(host, (error, address, family) => {
      if (listening !== state.listening) return
      if (error) server.emit('error', error)
      else listen(address, family)
    })
    return
  }
  dns.lookup(host, { all: true }, (error, addresses) => {
    if (listening !== state.listening) return
    if (error) {
      server.emit('error', error)
      return
    }
    const found = addresses.find(({ address }) => !isLinkLocal(address)) ?? addresses[0]
    listen(found?.address ?? '', found?.family ?? 4)
  })
}

/** Newer Nodes write into the options that workers of a cluster share nothing where the system shares the port. */
const SHARES_PORT_ALONE = nodeAtLeast(22)

/** Newer Nodes take a link-local address of a name only where it has no other. */
const LISTENS_BEYOND_LINK = nodeAtLeast(22)

// fe80::/10, RFC 4291 section 2.5.6.
function isLinkLocal(address: string): boolean {
  if (!isIPv6(address)) return false
  const ip = IpAddress.parse(address.split('%')[0] as string)
  return ip !== null && ip.a >>> 22 === 0xfe80 >>> 6
}

function listenOnAddress(
  server: Server,
  host: string | null,
  port: number,
  version: number,
  backlog: number,
  options: BindOptions,
): void {
  if (listenInWorker(server, host, port, version, backlog, options)) return
  const state = server[STATE]
  let [address, family] = [host, version]
  let handle: ListenHandle | number = 0
  if (!address) {
    // All addresses of both versions, where there are both.
    ;[address, family] = ['::', 6]
    handle = boundHandle(server, address, family, port, options)
    if (typeof handle === 'number') [address, family] = ['0.0.0.0', 4]
  }
  if (typeof handle === 'number') handle = boundHandle(server, address, family, port, options)
  if (typeof handle === 'number') {
    failListening(server, listenException(handle, 'listen', address, port))
    return
  }
  state.handle = handle
  startListening(server, address, port, family, backlog)
}

function boundHandle(
  server: Server,
  address: string,
  version: number,
  port: number,
  options: BindOptions,
): ListenHandle | number {
  const handle = new ListenHandle(server[WORLD].provider, 'tcp', server[STATE])
  const status = handle.bind(address, port, version, options)
  if (status === 0) return handle
  handle.discard()
  return status
}

function listenOnPath(server: Server, path: string, backlog: number, options: ListenOptions): void {
  const state = server[STATE]
  const { readableAll, writableAll } = options
  if (path.startsWith('\0') && (readableAll || writableAll)) {
    const reason = 'can not set readableAll or writableAllt to true when path is abstract unix socket'
    throw invalidArgValue('options', options, reason)
  }
  state.pipeName = path
  if (listenInWorker(server, path, -1, -1, backlog, options)) return
  const handle = new ListenHandle(server[WORLD].provider, 'pipe', state)
  const status = handle.bindPath(path)
  if (status !== 0) {
    handle.discard()
    failListening(server, listenException(status, 'listen', path, -1))
    return
  }
  state.handle = handle
  startListening(server, path, -1, -1, backlog)
  if (state.handle === null || (readableAll !== true && writableAll !== true)) return
  const changed = handle.changeMode(readableAll === true, writableAll === true)
  if (changed >= 0) return
  handle.discard()
  state.handle = null
  throw errnoException(changed, 'uv_pipe_chmod')
}

function listenOnBound(server: Server, bound: BoundSocket, backlog: number): void {
  const state = server[STATE]
  const path = BoundSocket.path(bound)
  const stream = BoundSocket.take(bound)
  if (path !== undefined) state.pipeName = path
  state.listening++
  state.handle = new ListenHandle(server[WORLD].provider, stream.kind, state)
  stream.moveTo(state.handle)
  startListening(server, null, -1, -1, backlog)
}

function listenOnDescriptor(server: Server, fd: number, backlog: number): void {
  const state = server[STATE]
  const { provider } = server[WORLD]
  const possible = isInt32(fd)
  const found = possible ? endpointOfDescriptor(provider, fd) : null
  if (found === null) {
    // A pipe is taken for a Unix socket, until listen(2) says that it is none.
    const status = possible && descriptorType(provider, fd) === 'PIPE' ? -ENOTSOCK : -EINVAL
    failListening(server, listenException(status, 'listen', null))
    return
  }
  state.handle = new ListenHandle(provider, found.kind, state)
  state.handle.adopt(found.endpoint)
  startListening(server, null, null, null, backlog)
}
