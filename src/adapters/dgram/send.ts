// Read first: socket.send in Node's manual, with all its forms: a part of one buffer, or a buffer or several; to an address, or to the
// peer.

import { validateNumber, validatePort, validateString } from '../node-argument.ts'
import { bufferOutOfBounds, exceptionWithHostPort, invalidArgType, ipBlocked, nodeError } from '../node-error.ts'
import { blocks } from './connect.ts'
import { type DatagramSocket, handleOf, running, STATE } from './state.ts'
import { whenBound } from './when-bound.ts'

type Callback = (error: Error | null, octets?: number) => void

const DATA = ['Buffer', 'TypedArray', 'DataView', 'string']

export function send(
  this: DatagramSocket,
  data: unknown,
  offset?: unknown,
  length?: unknown,
  port?: unknown,
  address?: unknown,
  callback?: unknown,
): void {
  const state = this[STATE]
  const connected = state.connected === 'yes'
  let what = data
  let where = port
  let host = address
  let called = callback
  if (connected) {
    if (typeof length === 'number') {
      what = partOf(data, offset, length)
      if (typeof port === 'function') {
        called = port
        where = null
      }
    } else called = offset
    if (where || host) throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED')
  } else if (address || (port && typeof port !== 'function')) {
    what = partOf(data, offset, length)
  } else {
    where = offset
    host = length
    called = port
  }
  const buffers = buffersOf(what)
  if (!connected) where = validatePort(where, 'Port', false)
  let done = typeof called === 'function' ? (called as Callback) : undefined
  if (typeof host === 'function') {
    done = host as Callback
    host = undefined
  } else if (host !== undefined && host !== null) validateString(host, 'address')

  running(this)
  if (state.bound === 'no') this.bind({ port: 0, exclusive: true }, null)
  if (state.bound !== 'yes') {
    const { send: again } = this
    whenBound(this, () => Reflect.apply(again, this, [buffers, where, host, done]))
    return
  }
  if (connected) sendNow(this, buffers, null, undefined, where, done)
  else {
    handleOf(this).lookup(host as string, (error, ip) => {
      if (error) process.nextTick(tellUnknown, this, error, done)
      else sendNow(this, buffers, ip, host, where, done)
    })
  }
}

export function sendto(
  this: DatagramSocket,
  buffer: unknown,
  offset: unknown,
  length: unknown,
  port: unknown,
  address: unknown,
  callback?: unknown,
): void {
  validateNumber(offset, 'offset')
  validateNumber(length, 'length')
  validateNumber(port, 'port')
  validateString(address, 'address')
  this.send(buffer, offset, length, port, address, callback)
}

function sendNow(
  socket: DatagramSocket,
  buffers: readonly Uint8Array[],
  ip: string | null,
  host: unknown,
  port: unknown,
  done: Callback | undefined,
): void {
  const { handle } = socket[STATE]
  if (handle === null) return
  if (ip && blocks(socket, ip)) {
    if (done) process.nextTick(done, ipBlocked(ip))
    return
  }
  const failure = (errno: number) => exceptionWithHostPort(errno, 'send', host, port)
  const later = done && ((errno: number, octets: number) => done(errno < 0 ? failure(errno) : null, octets))
  const result = handle.send(buffers, port ? ip : null, port as number, later ?? null)
  if (!done) return
  if (result > 0) process.nextTick(done, null, result - 1)
  else if (result < 0) process.nextTick(done, failure(result))
}

function tellUnknown(socket: DatagramSocket, error: Error, done: Callback | undefined): void {
  if (done) done(error)
  else socket.emit('error', error)
}

/** `length` octets of `data` from `offset` on. */
function partOf(data: unknown, offset: unknown, length: unknown): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  if (!ArrayBuffer.isView(bytes)) throw invalidArgType('buffer', DATA, data)
  const start = (offset as number) >>> 0
  const count = (length as number) >>> 0
  if (start > bytes.byteLength) throw bufferOutOfBounds('offset')
  if (start + count > bytes.byteLength) throw bufferOutOfBounds('length')
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, count)
}

/** The octets of one datagram: at least one buffer. */
function buffersOf(data: unknown): Uint8Array[] {
  if (!Array.isArray(data)) {
    const bytes = bytesOf(data)
    if (bytes === null) throw invalidArgType('buffer', DATA, data)
    return [bytes]
  }
  const buffers: Uint8Array[] = []
  for (const one of data) {
    const bytes = bytesOf(one)
    if (bytes === null) throw invalidArgType('buffer list arguments', DATA, data)
    buffers.push(bytes)
  }
  return buffers.length === 0 ? [Buffer.alloc(0)] : buffers
}

function bytesOf(data: unknown): Uint8Array | null {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : null
}
