// Read first: the setters of dgram.Socket in Node's manual.

import { validateNumber } from '../node-argument.ts'
import { errnoException } from '../node-error.ts'
import { setBufferSize } from './buffer-size.ts'
import { type DatagramSocket, handleOf } from './state.ts'

export function setBroadcast(this: DatagramSocket, yes?: unknown): void {
  check(handleOf(this).setBroadcast(yes ? 1 : 0), 'setBroadcast')
}

export function setTTL(this: DatagramSocket, ttl: unknown): number {
  validateNumber(ttl, 'ttl')
  check(handleOf(this).setTTL(ttl | 0), 'setTTL')
  return ttl
}

export function setMulticastTTL(this: DatagramSocket, ttl: unknown): number {
  validateNumber(ttl, 'ttl')
  check(handleOf(this).setMulticastTTL(ttl | 0), 'setMulticastTTL')
  return ttl
}

export function setMulticastLoopback(this: DatagramSocket, yes?: unknown): unknown {
  check(handleOf(this).setMulticastLoopback(yes ? 1 : 0), 'setMulticastLoopback')
  return yes
}

export function setRecvBufferSize(this: DatagramSocket, size: unknown): void {
  setBufferSize(this, size, true)
}

export function setSendBufferSize(this: DatagramSocket, size: unknown): void {
  setBufferSize(this, size, false)
}

export function getRecvBufferSize(this: DatagramSocket): number {
  return setBufferSize(this, 0, true)
}

export function getSendBufferSize(this: DatagramSocket): number {
  return setBufferSize(this, 0, false)
}

export function getSendQueueSize(this: DatagramSocket): number {
  return handleOf(this).getSendQueueSize()
}

export function getSendQueueCount(this: DatagramSocket): number {
  return handleOf(this).getSendQueueCount()
}

function check(result: number, call: string): void {
  if (result < 0) throw errnoException(result, call)
}
