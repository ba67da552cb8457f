// Read first: strace(1); and for what each line says: the page of section 2 of its name.
//
// How waiting shows. An endpoint never waits: a call that would is answered EAGAIN or EINPROGRESS and shown so. When the endpoint
// is told that it may go on and tries again, a line `poll(…) = 1` comes in between, as in a program that waits by poll(2): that
// is what a Socket does. A poll(2) of the program's own is told by `polled` (trace.ts).

import { constantName } from '../../base/constant-names.ts'
import {
  MSG_DONTWAIT,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  SHUT_RDWR,
  SO_ERROR,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EAGAIN, EINPROGRESS, EOPNOTSUPP } from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { receiveSome, sendSome } from '../batch-transfer.ts'
import type { MessageBatch } from '../message-batch.ts'
import type { Endpoint, Message, PolledEntry, Watcher } from '../provider.ts'
import { addressLength, addressText, isNamed, SOCKADDR_STORAGE_LENGTH } from './address-text.ts'
import type { CallLog } from './call-log.ts'
import { emptyMessageText, receivedText, roomText, sentText } from './message-text.ts'
import { arrayText, flagsText, hexText, nameText, resultText, unknown } from './notation.ts'
import { octetText } from './octet-text.ts'
import { levelText, optionText, optionValueText } from './option-text.ts'
import type { TracingProvider } from './trace.ts'

/** An endpoint whose calls are written down. */
export class TracedEndpoint implements Endpoint, Watcher {
  readonly inner: Endpoint
  readonly #provider: TracingProvider
  readonly #log: CallLog
  /** The descriptor, also in the line of a call after close. */
  #fd: number
  #watcher: Watcher | null = null
  /** What calls that could not go on wait for: POLLIN, POLLOUT. */
  #awaited = 0
  /** The endpoint is telling its watcher. */
  #telling = false

  constructor(provider: TracingProvider, inner: Endpoint) {
    this.inner = inner
    this.#provider = provider
    this.#log = provider.log
    this.#fd = inner.fd
  }

  get fd(): number {
    return this.inner.fd
  }

  get family(): number {
    return this.inner.family
  }

  get type(): number {
    return this.inner.type
  }

  get protocol(): number {
    return this.inner.protocol
  }

  bind(address: SocketAddress): number {
    const at = this.#log.begin()
    const result = this.inner.bind(address)
    if (this.#log.wants('bind')) {
      this.#log.call(at, 'bind', `${this.#fd}, ${this.#addressAndLength(address)}`, resultText(result))
    }
    return result
  }

  listen(backlog: number): number {
    const at = this.#log.begin()
    const result = this.inner.listen(backlog)
    if (this.#log.wants('listen')) this.#log.call(at, 'listen', `${this.#fd}, ${backlog}`, resultText(result))
    return result
  }

  /** Shows the peer whether or not the caller wants it: NULL would not say who came. */
  accept(peer: SocketAddress | null): Endpoint | number {
    this.#goesOn(POLLIN)
    const at = this.#log.begin()
    const name = peer ?? (this.#log.isOn ? new SocketAddress() : null)
    const result = this.inner.accept(name)
    if (result === -EAGAIN) this.#awaited |= POLLIN
    const endpoint = typeof result === 'number' ? result : this.#provider.wrap(result)
    if (name !== null && this.#log.wants('accept')) {
      const fd = typeof endpoint === 'number' ? endpoint : endpoint.fd
      this.#log.call(at, 'accept', `${this.#fd}, ${this.#filled(name, fd)}`, resultText(fd))
    }
    return endpoint
  }

  connect(address: SocketAddress): number {
    const at = this.#log.begin()
    const result = this.inner.connect(address)
    if (result === -EINPROGRESS) this.#awaited |= POLLOUT
    if (this.#log.wants('connect')) {
      this.#log.call(at, 'connect', `${this.#fd}, ${this.#addressAndLength(address)}`, resultText(result))
    }
    return result
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    this.#goesOn(POLLOUT)
    const at = this.#log.begin()
    const result = this.inner.send(bytes, start, end, flags)
    this.#waits(POLLOUT, result, flags)
    if (this.#log.wants('sendto')) this.#sendto(at, bytes, start, end, flags, null, result)
    return result
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    this.#goesOn(POLLIN)
    const at = this.#log.begin()
    const result = this.inner.recv(bytes, start, end, flags)
    this.#waits(POLLIN, result, flags)
    if (this.#log.wants('recvfrom')) this.#recvfrom(at, bytes, start, end, flags, 'NULL, NULL', result)
    return result
  }

  sendmsg(message: Message, flags: number): number {
    this.#goesOn(POLLOUT)
    const at = this.#log.begin()
    const result = this.inner.sendmsg(message, flags)
    this.#waits(POLLOUT, result, flags)
    const [first] = message.buffers
    if (message.plain && first !== undefined) {
      if (this.#log.wants('sendto')) this.#sendto(at, first, 0, first.length, flags, message.name, result)
    } else if (this.#log.wants('sendmsg')) {
      const text = `${this.#fd}, ${sentText(message, this.#log.style)}, ${flagsText('MSG_', flags)}`
      this.#log.call(at, 'sendmsg', text, resultText(result))
    }
    return result
  }

  recvmsg(message: Message, flags: number): number {
    this.#goesOn(POLLIN)
    const at = this.#log.begin()
    const result = this.inner.recvmsg(message, flags)
    this.#waits(POLLIN, result, flags)
    const { style, memory } = this.#log
    const [first] = message.buffers
    if (message.plain && first !== undefined && message.name !== null) {
      if (this.#log.wants('recvfrom')) {
        this.#recvfrom(at, first, 0, first.length, flags, this.#filled(message.name, result), result)
      }
    } else if (this.#log.wants('recvmsg')) {
      const text = result < 0 ? emptyMessageText(message) : receivedText(message, result, style, memory)
      this.#log.call(at, 'recvmsg', `${this.#fd}, ${text}, ${flagsText('MSG_', flags)}`, resultText(result))
    }
    return result
  }

  shutdown(how: number): number {
    const at = this.#log.begin()
    const result = this.inner.shutdown(how)
    if (this.#log.wants('shutdown')) {
      const text = how >= 0 && how <= SHUT_RDWR ? nameText('SHUT_', how) : unknown(how, 'SHUT_')
      this.#log.call(at, 'shutdown', `${this.#fd}, ${text}`, resultText(result))
    }
    return result
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    // That is how who waits for a connection learns how it ended.
    if (level === SOL_SOCKET && name === SO_ERROR) this.#goesOn(POLLOUT)
    const at = this.#log.begin()
    const result = this.inner.getOption(level, name, value)
    if (this.#log.wants('getsockopt')) {
      const { style, memory } = this.#log
      const length = result < 0 || result === value.length ? `[${value.length}]` : `[${value.length} => ${result}]`
      const text = result < 0 ? memory.ofBytes(value) : optionValueText(level, name, value.subarray(0, result), style)
      const option = `${levelText(level)}, ${optionText(level, name)}`
      this.#log.call(
        at,
        'getsockopt',
        `${this.#fd}, ${option}, ${text}, ${length}`,
        resultText(result < 0 ? result : 0),
      )
    }
    return result
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    const at = this.#log.begin()
    const result = this.inner.setOption(level, name, value)
    if (this.#log.wants('setsockopt')) {
      const option = `${levelText(level)}, ${optionText(level, name)}`
      const text = optionValueText(level, name, value, this.#log.style)
      this.#log.call(at, 'setsockopt', `${this.#fd}, ${option}, ${text}, ${value.length}`, resultText(result))
    }
    return result
  }

  /** The answer of the request is in its third argument, as in C. */
  ioctl(request: number): number {
    const at = this.#log.begin()
    const result = this.inner.ioctl(request)
    if (this.#log.wants('ioctl')) {
      const text = result < 0 ? this.#log.memory.ofObject(this, 4) : `[${result}]`
      this.#log.call(at, 'ioctl', `${this.#fd}, ${requestText(request)}, ${text}`, resultText(Math.min(result, 0)))
    }
    return result
  }

  localAddress(into: SocketAddress): number {
    const at = this.#log.begin()
    const result = this.inner.localAddress(into)
    if (this.#log.wants('getsockname')) {
      this.#log.call(at, 'getsockname', `${this.#fd}, ${this.#filled(into, result)}`, resultText(result))
    }
    return result
  }

  peerAddress(into: SocketAddress): number {
    const at = this.#log.begin()
    const result = this.inner.peerAddress(into)
    if (this.#log.wants('getpeername')) {
      this.#log.call(at, 'getpeername', `${this.#fd}, ${this.#filled(into, result)}`, resultText(result))
    }
    return result
  }

  /** recvmmsg(2), one by one where the endpoint has no such call: how many came shows either way. */
  recvmmsg(batch: MessageBatch, count: number, flags: number): number {
    this.#goesOn(POLLIN)
    const at = this.#log.begin()
    const result = receiveSome(this.inner, batch, count, flags)
    this.#waits(POLLIN, result, flags)
    if (this.#log.wants('recvmmsg')) this.#batch(at, 'recvmmsg', batch, 0, count, flags, ', NULL', result)
    return result
  }

  sendmmsg(batch: MessageBatch, from: number, count: number, flags: number): number {
    this.#goesOn(POLLOUT)
    const at = this.#log.begin()
    const result = sendSome(this.inner, batch, from, count, flags)
    this.#waits(POLLOUT, result, flags)
    if (this.#log.wants('sendmmsg')) this.#batch(at, 'sendmmsg', batch, from, count, flags, '', result)
    return result
  }

  sendfile(file: number, offset: number, count: number): number {
    if (this.inner.sendfile === undefined) return -EOPNOTSUPP
    this.#goesOn(POLLOUT)
    const at = this.#log.begin()
    const result = this.inner.sendfile(file, offset, count)
    this.#waits(POLLOUT, result, 0)
    if (this.#log.wants('sendfile')) {
      const end = offset + Math.max(0, result)
      this.#log.call(at, 'sendfile', `${this.#fd}, ${file}, [${offset}] => [${end}], ${count}`, resultText(result))
    }
    return result
  }

  readiness(): number {
    return this.inner.readiness()
  }

  keepAlive(yes: boolean): void {
    this.inner.keepAlive?.(yes)
  }

  /** No system call. */
  detach(): void {
    this.inner.detach?.()
  }

  watch(watcher: Watcher | null): void {
    this.#watcher = watcher
    this.inner.watch(watcher === null ? null : this)
  }

  /** Called by the endpoint. */
  ready(events: number): void {
    this.#telling = (events & POLLNVAL) === 0
    try {
      this.#watcher?.ready(events)
    } finally {
      this.#telling = false
    }
  }

  /** Where SO_LINGER asks to wait, the line says 0, as it does when close(2) has waited. */
  close(): number {
    const at = this.#log.begin()
    const result = this.inner.close()
    if (this.#log.wants('close')) {
      this.#log.call(at, 'close', String(this.#fd), resultText(result === -EINPROGRESS ? 0 : result))
    }
    return result
  }

  #waits(event: number, result: number, flags: number): void {
    if (result === -EAGAIN && (flags & MSG_DONTWAIT) === 0) this.#awaited |= event
    else this.#awaited &= ~event
  }

  // Before a call is tried again that has waited for `event`.
  #goesOn(event: number): void {
    if (!this.#telling || (this.#awaited & event) === 0) return
    this.#awaited &= ~event
    const revents = this.inner.readiness() & (event | POLLERR | POLLHUP)
    if (revents !== 0) logPoll(this.#log, [{ fd: this.#fd, events: event, revents }], -1)
  }

  #sendto(
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    flags: number,
    name: SocketAddress | null,
    result: number,
  ): void {
    const octets = octetText(bytes, start, end, this.#log.style.stringLimit)
    const peer = name === null ? 'NULL, 0' : this.#addressAndLength(name)
    const text = `${this.#fd}, ${octets}, ${end - start}, ${flagsText('MSG_', flags)}, ${peer}`
    this.#log.call(at, 'sendto', text, resultText(result))
  }

  #recvfrom(
    at: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    flags: number,
    peer: string,
    result: number,
  ): void {
    // With MSG_TRUNC the result may be more than what there was room for.
    const octets =
      result < 0
        ? this.#log.memory.ofBytes(bytes, start)
        : octetText(bytes, start, Math.min(start + result, end), this.#log.style.stringLimit)
    const text = `${this.#fd}, ${octets}, ${end - start}, ${flagsText('MSG_', flags)}, ${peer}`
    this.#log.call(at, 'recvfrom', text, resultText(result))
  }

  #batch(
    at: number,
    call: 'recvmmsg' | 'sendmmsg',
    batch: MessageBatch,
    from: number,
    count: number,
    flags: number,
    last: string,
    result: number,
  ): void {
    const { stringLimit, interfaceName } = this.#log.style
    const places = Array.from({ length: Math.max(0, result) }, (_, i) => from + i)
    const text = arrayText(places, (place) => {
      const address = batch.address(place)
      const name = address === null ? 'NULL' : addressText(address, interfaceName)
      const data = batch.data(place)
      const octets = octetText(data, 0, data.length, stringLimit)
      const header = `msg_name=${name}, msg_namelen=${batch.nameLengths[place]}, `
      const vector = `msg_iov=[{iov_base=${octets}, iov_len=${data.length}}], msg_iovlen=1, msg_controllen=0`
      return `{msg_hdr={${header}${vector}, msg_flags=0}, msg_len=${data.length}}`
    })
    const messages = result < 0 ? this.#log.memory.ofObject(batch, 64 * count) : text
    const parameters = `${this.#fd}, ${messages}, ${count}, ${flagsText('MSG_', flags)}${last}`
    this.#log.call(at, call, parameters, resultText(result))
  }

  #addressAndLength(address: SocketAddress): string {
    return `${addressText(address, this.#log.style.interfaceName)}, ${addressLength(address)}`
  }

  // An address that the call has filled, if it could; room, and how much of it was taken.
  #filled(address: SocketAddress, result: number): string {
    if (result < 0) {
      return `${this.#log.memory.ofObject(address, SOCKADDR_STORAGE_LENGTH)}, [${SOCKADDR_STORAGE_LENGTH}]`
    }
    if (!isNamed(address)) {
      return `${this.#log.memory.ofObject(address, SOCKADDR_STORAGE_LENGTH)}, [${roomText(0)}]`
    }
    return `${addressText(address, this.#log.style.interfaceName)}, [${roomText(addressLength(address))}]`
  }
}

/** A poll(2) that has found `entries` as they are. */
export function logPoll(log: CallLog, entries: readonly PolledEntry[], timeout: number): void {
  if (!log.wants('poll')) return
  const asked = arrayText(entries, ({ fd, events }) => `{fd=${fd}, events=${flagsText('POLL', events)}}`)
  const found = entries.filter(({ revents }) => revents !== 0)
  const text = arrayText(found, ({ fd, revents }) => `{fd=${fd}, revents=${flagsText('POLL', revents)}}`)
  const result = found.length === 0 ? '0 (Timeout)' : `${found.length} (${text})`
  log.call(log.begin(), 'poll', `${asked}, ${entries.length}, ${Math.ceil(timeout)}`, result)
}

// Linux has two prefixes for what one may ask of a socket.
function requestText(request: number): string {
  return constantName('FION', request) ?? constantName('SIOC', request) ?? hexText(request)
}
