// Read first: socket.bind and socket.bindSync in Node's manual.

import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { descriptorType } from '../descriptor-type.ts'
import type { BindFlags } from '../handle/datagram-handle.ts'
import { askForPort } from '../handle/worker-port.ts'
import { isInt32, validateObject, validatePort, validateString } from '../node-argument.ts'
import { errnoException, exceptionWithHostPort, invalidArgValue, invalidFdType, nodeError } from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import { setBufferSize } from './buffer-size.ts'
import { type DatagramSocket, type DatagramState, handleOf, running, STATE } from './state.ts'

// uv_udp_bind's UV_UDP_IPV6ONLY and UV_UDP_REUSEADDR.
const IPV6_ONLY = 1
const REUSE_ADDRESS = 4

/** By which event a callback learns that there is nothing to wait for: to older Nodes it counts as one that has heard the error. */
const FAILED = nodeAtLeast(26) ? EventEmitter.errorMonitor : 'error'

export function bind(this: DatagramSocket, ...given: unknown[]): DatagramSocket {
  const [port, address] = given
  const handle = running(this)
  const state = this[STATE]
  if (state.bound !== 'no') throw nodeError('ERR_SOCKET_ALREADY_BOUND')
  state.bound = 'soon'
  callWhenBound(this, given[given.length - 1])
  if (isObject(port) && isInt32(port.fd) && port.fd > 0) {
    bindToDescriptor(this, port.fd)
    return this
  }
  let wanted: unknown
  let wantedPort = port
  if (isObject(port)) {
    wanted = port.address
    wantedPort = port.port
  } else if (typeof address !== 'function') wanted = address
  const name = wanted ? wanted : anyAddressOf(this)
  handle.lookup(name as string, (error, ip) => {
    // Closed meanwhile.
    if (state.handle === null) return
    const alone = state.reusePort || (isObject(port) && Boolean(port.exclusive))
    if (!error && !alone && bindInWorker(this, ip, wantedPort)) return
    boundOrNot(this, error ?? bindNow(state, ip, wantedPort))
  })
  return this
}

function boundOrNot(socket: DatagramSocket, failure: Error | null): void {
  if (failure === null) {
    startListening(socket)
    return
  }
  socket[STATE].bound = 'no'
  socket.emit('error', failure)
}

/** Binds to a port that the primary process of a cluster has. false: this is no worker of one. */
function bindInWorker(socket: DatagramSocket, ip: string, port: unknown): boolean {
  const state = socket[STATE]
  const flags = (state.ipv6Only ? IPV6_ONLY : 0) | (state.reuseAddr ? REUSE_ADDRESS : 0)
  const query = { address: ip, port: (port || 0) as number, addressType: socket.type, fd: -1, flags }
  return askForPort(state.provider, socket, query, (errno, given) => {
    if (state.handle === null) {
      given?.close()
      return
    }
    const result = given === null ? errno : state.handle.openShared(given)
    boundOrNot(socket, result < 0 ? exceptionWithHostPort(result, 'bind', ip, port) : null)
  })
}

export function bindSync(this: DatagramSocket, options: unknown = {}): unknown {
  const handle = running(this)
  validateObject(options, 'options')
  const state = this[STATE]
  if (state.bound !== 'no') throw nodeError('ERR_SOCKET_ALREADY_BOUND')
  const { port: givenPort, address: givenAddress } = options as { port?: unknown; address?: unknown }
  const port = validatePort(givenPort ?? 0, 'options.port')
  const address = givenAddress ? numericAddress(givenAddress, 'options.address', 'bindSync') : anyAddressOf(this)
  const result = handle.bind(address, port, flagsOf(state))
  if (result < 0) throw exceptionWithHostPort(result, 'bind', address, port)
  startReceiving(this)
  process.nextTick(emitIfOpen, this, 'listening')
  return this.address()
}

/** `address` as text that needs no lookup. */
export function numericAddress(address: unknown, name: string, call: string): string {
  validateString(address, name)
  if (isIP(address) !== 0) return address
  throw invalidArgValue(name, address, `must be a numeric IP address; ${call} does not perform DNS resolution`)
}

export function emitIfOpen(socket: DatagramSocket, event: string): void {
  if (socket[STATE].handle !== null) socket.emit(event)
}

function bindNow(state: DatagramState, ip: string, port: unknown): Error | null {
  const result = handleBind(state, ip, port)
  return result < 0 ? exceptionWithHostPort(result, 'bind', ip, port) : null
}

function handleBind(state: DatagramState, ip: string, port: unknown): number {
  return state.handle === null ? 0 : state.handle.bind(ip, port || 0, flagsOf(state))
}

function bindToDescriptor(socket: DatagramSocket, fd: number): void {
  const { provider } = socket[STATE]
  const type = descriptorType(provider, fd)
  const endpoint = provider.endpoint(fd)
  if (type !== 'UDP' || endpoint === null) throw invalidFdType(type)
  const result = handleOf(socket).open(endpoint)
  if (result < 0) throw errnoException(result, 'open')
  startListening(socket)
}

function callWhenBound(socket: DatagramSocket, callback: unknown): void {
  if (typeof callback !== 'function') return
  const forget = () => {
    socket.removeListener(FAILED, forget)
    socket.removeListener('listening', listening)
  }
  const listening = () => {
    forget()
    Reflect.apply(callback, socket, [])
  }
  socket.on(FAILED, forget)
  socket.on('listening', listening)
}

function startReceiving(socket: DatagramSocket): void {
  const state = socket[STATE]
  handleOf(socket).recvStart()
  state.receiving = true
  state.bound = 'yes'
  if (state.recvBufferSize !== 0) setBufferSize(socket, state.recvBufferSize, true)
  if (state.sendBufferSize !== 0) setBufferSize(socket, state.sendBufferSize, false)
}

function startListening(socket: DatagramSocket): void {
  startReceiving(socket)
  socket.emit('listening')
}

function flagsOf({ reuseAddr, reusePort, ipv6Only }: DatagramState): BindFlags {
  return { reuseAddr: Boolean(reuseAddr), reusePort, ipv6Only }
}

function anyAddressOf({ type }: DatagramSocket): string {
  return type === 'udp4' ? '0.0.0.0' : '::'
}

function isObject(value: unknown): value is { fd?: unknown; address?: unknown; port?: unknown; exclusive?: unknown } {
  return typeof value === 'object' && value !== null
}
