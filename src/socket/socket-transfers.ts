// How calls that transfer go: tried at once, then as a waiter. Read first: send(2), recv(2) on MSG_DONTWAIT and MSG_WAITALL.

import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_OOB,
  MSG_WAITALL,
  POLLIN,
  SOCK_STREAM,
} from '../base/constants.ts'
import { EAGAIN, EBADF, EINPROGRESS } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { checkBytes, checkWaitOptions, type WaitOptions, wrongFlags } from './arguments.ts'

import type { Message } from './provider.ts'
import { SocketError, type SystemCall } from './socket-error.ts'
import { SocketHandle } from './socket-handle.ts'
import { type Outcome, RECV, RECVMMSG, RECVMSG, SEND, SENDMSG, Waiter } from './waiter.ts'

/** Calls with these never wait, whatever the socket: recv(2), tcp(7). */
const AT_ONCE = MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE

/** The few ways that all calls which send and receive go. `Socket` gives them their names. */
export abstract class SocketTransfers extends SocketHandle {
  // Octets of a stream may go in parts, and a blocking call goes on until all have gone. A message goes whole or not at all.
  private get whole(): boolean {
    return this.type === SOCK_STREAM
  }

  protected sends(
    syscall: SystemCall,
    bytes: Uint8Array,
    flags: number,
    options: WaitOptions | undefined,
  ): Promise<number> {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (options !== undefined) {
      const refusal = this.refusal(syscall, options)
      if (refusal !== null) return refusal
    }
    const { waiting } = this
    const atOnce = (flags & MSG_DONTWAIT) !== 0 || options?.timeout === 0
    if (waiting.writers !== null) {
      if (atOnce) return fail(syscall, -EAGAIN)
      const waiter = new Waiter(SEND, syscall, flags, bytes, null, null, this.whole)
      return this.waits(waiter, this.sendLimitOf(options), options)
    }
    if (waiting.hasHeld) return fail(syscall, waiting.takeHeld())
    const count = waiting.endpoint.send(bytes, 0, bytes.length, flags)
    if (count >= 0 && (count >= bytes.length || !this.whole)) return Promise.resolve(count)
    // With TCP_FASTOPEN_CONNECT it is the first send that connects.
    const opens = count === -EINPROGRESS && (flags & MSG_DONTWAIT) === 0
    if (count < 0 && !opens && (count !== -EAGAIN || atOnce)) return fail(syscall, count)
    const waiter = new Waiter(SEND, syscall, flags & ~MSG_FASTOPEN, bytes, null, null, this.whole)
    waiter.opening = opens
    if (opens && atOnce) return fail(syscall, count)
    if (count > 0) {
      waiter.done = count
      const again = waiting.attempt(waiter)
      if (again >= 0) return Promise.resolve(again)
      if (atOnce) return Promise.resolve(waiter.done)
    }
    return this.waits(waiter, this.sendLimitOf(options), options)
  }

  protected receives(
    syscall: SystemCall,
    bytes: Uint8Array,
    flags: number,
    options: WaitOptions | undefined,
  ): Promise<number> {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (options !== undefined) {
      const refusal = this.refusal(syscall, options)
      if (refusal !== null) return refusal
    }
    const { waiting } = this
    const atOnce = (flags & AT_ONCE) !== 0 || options?.timeout === 0
    const whole = (flags & MSG_WAITALL) !== 0 && this.whole && !atOnce
    if (waiting.readers !== null && (flags & MSG_OOB) === 0) {
      if (atOnce) return fail(syscall, -EAGAIN)
      const waiter = new Waiter(RECV, syscall, flags & ~MSG_WAITALL, bytes, null, null, whole)
      return this.waits(waiter, this.receiveLimitOf(options), options)
    }
    // It would wait, as is known: no need to ask. The watcher will be told.
    const mustWait = !atOnce && ((waiting.endpoint.wouldBlock ?? 0) & POLLIN) !== 0 && !waiting.hasHeld
    if (!whole && !mustWait) {
      const count = this.recvNow(bytes, flags & ~MSG_WAITALL)
      if (count >= 0) return Promise.resolve(count)
      if (count !== -EAGAIN || atOnce) return fail(syscall, count)
    }
    const waiter = new Waiter(RECV, syscall, flags & ~MSG_WAITALL, bytes, null, null, whole)
    if (whole) {
      const count = waiting.attempt(waiter)
      if (count >= 0) return Promise.resolve(count)
      if (count !== -EAGAIN) return fail(syscall, count)
    }
    return this.waits(waiter, this.receiveLimitOf(options), options)
  }

  protected recvNow(bytes: Uint8Array, flags: number): number {
    const count = this.waiting.endpoint.recv(bytes, 0, bytes.length, flags)
    return count <= 0 && this.waiting.hasHeld ? this.waiting.takeHeld() : count
  }

  protected sendsMessage(
    syscall: SystemCall,
    message: Message,
    flags: number,
    options: WaitOptions | undefined,
    address: SocketAddress | null,
  ): Promise<number> {
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (options !== undefined) {
      const refusal = this.refusal(syscall, options)
      if (refusal !== null) return refusal
    }
    const { waiting } = this
    const atOnce = (flags & MSG_DONTWAIT) !== 0 || options?.timeout === 0
    if (!this.whole && waiting.writers === null && !waiting.hasHeld) {
      const count = waiting.endpoint.sendmsg(message, flags)
      if (count >= 0) return Promise.resolve(count)
      if (count !== -EAGAIN || atOnce) return fail(syscall, count, address)
      const waiter = new Waiter(SENDMSG, syscall, flags, null, message, address, false)
      return this.waits(waiter, this.sendLimitOf(options), options)
    }
    const waiter = new Waiter(SENDMSG, syscall, flags, null, message, address, this.whole)
    if (waiting.writers === null) {
      const count = waiting.attempt(waiter)
      if (count >= 0) return Promise.resolve(count)
      if (count !== -EAGAIN) return fail(syscall, count, address)
      if (waiter.done > 0 && atOnce) return Promise.resolve(waiter.done)
    }
    if (atOnce) return fail(syscall, -waiter.late, address)
    return this.waits(waiter, this.sendLimitOf(options), options)
  }

  protected triesSendmsg(syscall: SystemCall, message: Message, flags: number, address: SocketAddress | null): number {
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (this.waiting.hasHeld) return this.tried(syscall, this.waiting.takeHeld(), address)
    if (this.waiting.writers !== null) return -EAGAIN
    return this.tried(syscall, this.waiting.endpoint.sendmsg(message, flags), address)
  }

  // A count, a waiter that has yet to be queued, or a refusal.
  protected startRecvmsg(
    syscall: SystemCall,
    message: Message,
    flags: number,
    options: WaitOptions | undefined,
  ): number | Waiter | Promise<never> {
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (options !== undefined) {
      const refusal = this.refusal(syscall, options)
      if (refusal !== null) return refusal
    }
    const atOnce = (flags & AT_ONCE) !== 0 || options?.timeout === 0
    const whole = (flags & MSG_WAITALL) !== 0 && this.whole && !atOnce
    const first = this.waiting.readers === null || (flags & (MSG_OOB | MSG_ERRQUEUE)) !== 0
    if (first && !whole) {
      const count = this.recvmsgNow(message, flags & ~MSG_WAITALL)
      if (count >= 0) return count
      if (count !== -EAGAIN || atOnce) return fail(syscall, count)
    } else if (atOnce) return fail(syscall, -EAGAIN)
    const waiter = new Waiter(RECVMSG, syscall, flags & ~MSG_WAITALL, null, message, null, whole)
    if (first && whole) {
      const count = this.waiting.attempt(waiter)
      if (count >= 0) return count
      if (count !== -EAGAIN) return fail(syscall, count)
    }
    return waiter
  }

  protected triesRecvmsg(syscall: SystemCall, message: Message, flags: number): number {
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (this.waiting.readers !== null && (flags & (MSG_OOB | MSG_ERRQUEUE)) === 0) return -EAGAIN
    return this.tried(syscall, this.recvmsgNow(message, flags & ~MSG_WAITALL))
  }

  private recvmsgNow(message: Message, flags: number): number {
    const count = this.waiting.endpoint.recvmsg(message, flags)
    return count <= 0 && this.waiting.hasHeld ? this.waiting.takeHeld() : count
  }

  protected transfersBatch(waiter: Waiter, queue: Waiter | null, options: WaitOptions | undefined): Promise<number> {
    const { syscall } = waiter
    if (options !== undefined) {
      const refusal = this.refusal(syscall, options)
      if (refusal !== null) return refusal
    }
    const atOnce = (waiter.flags & AT_ONCE) !== 0 || options?.timeout === 0
    if (queue === null) {
      const count = waiter.count === 0 ? 0 : this.waiting.attempt(waiter)
      if (count >= 0) return Promise.resolve(count)
      if (count !== -EAGAIN) return fail(syscall, count)
      if (atOnce && waiter.done > 0) return Promise.resolve(waiter.done)
    }
    if (atOnce) return fail(syscall, -EAGAIN)
    const reads = waiter.operation === RECVMMSG
    return this.waits(waiter, reads ? this.receiveLimitOf(options) : this.sendLimitOf(options), options)
  }

  protected waits(waiter: Waiter, limit: number, options: WaitOptions | undefined): Promise<number> {
    const promise = waiter.promised<number>()
    this.waiting.wait(waiter, limit, options)
    return promise
  }

  /** As `waits`, of a call that gives something else than a count. */
  protected waitsFor<T>(waiter: Waiter, outcome: Outcome, limit: number, options: WaitOptions | undefined): Promise<T> {
    waiter.outcome = outcome
    waiter.socket = this
    const promise = waiter.promised<T>()
    this.waiting.wait(waiter, limit, options)
    return promise
  }

  protected tried(syscall: SystemCall, result: number, address: SocketAddress | null = null): number {
    if (result < 0 && result !== -EAGAIN) throw new SocketError(syscall, result, address)
    return result
  }

  // Why a call with options cannot begin; null where it can.
  protected refusal(syscall: SystemCall, options: WaitOptions): Promise<never> | null {
    checkWaitOptions(options)
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    return this.closed ? fail(syscall, -EBADF) : null
  }

  protected receiveLimitOf(options: WaitOptions | undefined): number {
    if (options?.timeout !== undefined) return options.timeout
    if (this.limits.receive < 0) this.askLimits()
    return this.limits.receive
  }

  protected sendLimitOf(options: WaitOptions | undefined): number {
    if (options?.timeout !== undefined) return options.timeout
    if (this.limits.send < 0) this.askLimits()
    return this.limits.send
  }
}

export function fail(syscall: SystemCall, errno: number, address: SocketAddress | null = null): Promise<never> {
  return Promise.reject(new SocketError(syscall, errno, address))
}
