// Read first: socket.connect, socket.connectSync and socket.disconnect in Node's manual, connect(2) on datagram sockets.

import { isIP } from 'node:net'
import { validatePort, validateString } from '../node-argument.ts'
import { errnoException, exceptionWithHostPort, ipBlocked, nodeError } from '../node-error.ts'
import { emitIfOpen, numericAddress } from './bind.ts'
import { type DatagramSocket, handleOf, running, STATE } from './state.ts'
import { whenBound } from './when-bound.ts'

type Callback = (error?: Error) => void

export function connect(this: DatagramSocket, port?: unknown, address?: unknown, callback?: unknown): void {
  const number = validatePort(port, 'Port', false)
  const called = typeof address === 'function' ? address : callback
  const name = typeof address === 'function' || address === undefined ? '' : address
  validateString(name, 'address')
  const state = this[STATE]
  if (state.connected !== 'no') throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED')
  state.connected = 'soon'
  if (state.bound === 'no') this.bind({ port: 0, exclusive: true }, null)
  const begin = () => beginConnect(this, number, name, called as Callback | undefined)
  if (state.bound === 'yes') begin()
  else whenBound(this, begin)
}

export function connectSync(this: DatagramSocket, port: unknown, address?: unknown): void {
  const handle = running(this)
  const number = validatePort(port, 'Port', false)
  const state = this[STATE]
  if (state.connected !== 'no') throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED')
  const none = address === undefined || address === null || address === ''
  const loopback = this.type === 'udp4' ? '127.0.0.1' : '::1'
  const ip = none ? loopback : numericAddress(address, 'address', 'connectSync')
  if (state.bound === 'no') this.bindSync()
  else if (state.bound === 'soon') throw nodeError('ERR_SOCKET_ALREADY_BOUND')
  if (blocks(this, ip)) throw ipBlocked(ip)
  const result = handle.connect(ip, number)
  if (result < 0) throw exceptionWithHostPort(result, 'connect', ip, number)
  state.connected = 'yes'
  process.nextTick(emitIfOpen, this, 'connect')
}

export function disconnect(this: DatagramSocket): void {
  const state = this[STATE]
  if (state.connected !== 'yes') throw nodeError('ERR_SOCKET_DGRAM_NOT_CONNECTED')
  const result = handleOf(this).disconnect()
  if (result < 0) throw errnoException(result, 'connect')
  state.connected = 'no'
}

/** Whether nothing is to be sent to this address. */
export function blocks(socket: DatagramSocket, ip: string): boolean {
  return socket[STATE].sendBlockList?.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4') === true
}

function beginConnect(socket: DatagramSocket, port: number, name: string, callback: Callback | undefined): void {
  if (callback) socket.once('connect', callback)
  handleOf(socket).lookup(name, (error, ip) => {
    const state = socket[STATE]
    if (state.handle === null) return
    let failure: Error | null = error
    if (!failure && blocks(socket, ip)) failure = ipBlocked(ip)
    if (!failure) {
      const result = state.handle.connect(ip, port)
      if (result < 0) failure = exceptionWithHostPort(result, 'connect', name, port)
    }
    state.connected = failure ? 'no' : 'yes'
    process.nextTick(tellConnected, socket, failure, callback)
  })
}

function tellConnected(socket: DatagramSocket, failure: Error | null, callback: Callback | undefined): void {
  if (!failure) socket.emit('connect')
  else if (callback) {
    socket.removeListener('connect', callback)
    callback(failure)
  } else socket.emit('error', failure)
}
