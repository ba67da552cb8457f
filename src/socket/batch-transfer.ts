// recvmmsg(2) and sendmmsg(2) over endpoints that have them, and one by one over those that do not.

import { MSG_CTRUNC } from '../base/constants.ts'
import { encodeSocketAddress, SocketAddress } from '../base/socket-address.ts'
import { type MessageBatch, NAME_LENGTH } from './message-batch.ts'
import { type Endpoint, Message } from './provider.ts'
import type { Waiter } from './waiter.ts'

/** Receives what is there, the waiter's count at most. How many datagrams, or a negated errno where the first failed. */
export function receiveBatch(endpoint: Endpoint, waiter: Waiter): number {
  return receiveSome(endpoint, waiter.batch as MessageBatch, waiter.count, waiter.flags)
}

/** Sends what is left of the waiter's places. How many went, or a negated errno where the first of them failed. */
export function sendBatch(endpoint: Endpoint, waiter: Waiter): number {
  const { batch, from, count, done, flags } = waiter
  return sendSome(endpoint, batch as MessageBatch, from + done, count - done, flags)
}

/** recvmmsg(2) into the first `count` places. */
export function receiveSome(endpoint: Endpoint, batch: MessageBatch, count: number, flags: number): number {
  if (endpoint.recvmmsg !== undefined) return endpoint.recvmmsg(batch, count, flags)
  for (let place = 0; place < count; place++) {
    const result = receiveOne(endpoint, batch, place, flags)
    // What went wrong after the first is found again by the next call.
    if (result < 0) return place === 0 ? result : place
  }
  return count
}

/** sendmmsg(2) of the places [from, from + count). */
export function sendSome(endpoint: Endpoint, batch: MessageBatch, from: number, count: number, flags: number): number {
  if (endpoint.sendmmsg !== undefined) return endpoint.sendmmsg(batch, from, count, flags)
  for (let i = 0; i < count; i++) {
    const result = sendOne(endpoint, batch, from + i, flags)
    if (result < 0) return i === 0 ? result : i
  }
  return count
}

/** Sends what is in a place by sendmsg(2). */
export function sendOne(endpoint: Endpoint, batch: MessageBatch, place: number, flags: number): number {
  const plain = (batch.controlLengths[place] as number) === 0
  const message = new Message([batch.data(place)], batch.address(place), plain)
  if (!plain) message.control = batch.control(place)
  return endpoint.sendmsg(message, flags)
}

/** Receives into a place by recvmsg(2). */
export function receiveOne(endpoint: Endpoint, batch: MessageBatch, place: number, flags: number): number {
  const { size, controlSize } = batch
  const room = batch.bytes.subarray(place * size, (place + 1) * size)
  const message = new Message([room], new SocketAddress())
  message.controlLength = controlSize
  const length = endpoint.recvmsg(message, flags)
  if (length < 0) return length
  const name = message.name as SocketAddress
  batch.lengths[place] = Math.min(length, size)
  batch.flags[place] = message.flags | (batch.receiveControl(place, message.control) ? 0 : MSG_CTRUNC)
  batch.nameLengths[place] = name.family === 0 ? 0 : encodeSocketAddress(name, batch.names, place * NAME_LENGTH)
  return length
}
