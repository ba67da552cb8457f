// Read first: call-memory.ts. The side of the thread that owns the sockets.

import { checkInteger, checkMethods, checkOptions, given } from '../../base/argument.ts'
import { EBADF, EFAULT, EINVAL, ENETDOWN, EOPNOTSUPP } from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { descriptorsOf, isRights } from '../control-message.ts'
import { poll } from '../poll.ts'
import { type Endpoint, Message, type Provider } from '../provider.ts'
import { Socket } from '../socket.ts'
import {
  A,
  ANSWERED,
  ASKED,
  B,
  C,
  CallMemory,
  CLOSED,
  DATA_LENGTH,
  FD,
  MESSAGE_FLAGS,
  OPERATION,
  RESULT,
  STATE,
  VALUE,
} from './call-memory.ts'
import {
  ACCEPT,
  BIND,
  CLOSE,
  CONNECT,
  DETACH,
  DUP,
  GET_OPTION,
  INTERFACE_INDEX,
  IOCTL,
  LISTEN,
  LOCAL_ADDRESS,
  PEER_ADDRESS,
  PLAIN,
  READINESS,
  RECV,
  RECVMSG,
  SEND,
  SENDMSG,
  SET_OPTION,
  SHUTDOWN,
  SOCKET,
  SOCKETPAIR,
  TAKE,
  WAIT,
  WANTS_NAME,
} from './operation.ts'
import { type RemoteInit, serveHere } from './remote-init.ts'

export interface ServeOptions {
  /**
   * Called with what makes a call that was asked for, to be called once, now or later. For those who simulate time: with the calls of
   * several threads in an order of one's own, everything happens as it did before. Default: at once.
   */
  readonly turn?: (make: () => void) => void
}

function atOnce(make: () => void): void {
  make()
}

/** The calls of one other thread, served. */
export interface ServedCalls {
  /** For the other thread's `RemoteProvider`: sent there once, with `transfer` for the list of what is transferred. */
  readonly init: RemoteInit
  /** The port of `init`; of a type that fits the lists of Node and of browsers, whose ports are different types. */
  readonly transfer: never[]
  /** Sockets that the other thread has open. */
  readonly size: number
  /**
   * Whether the other thread sleeps in a call until something happens to its sockets, or has ended: where time is simulated it must not
   * pass before.
   */
  readonly waits: boolean
  /** Resolves when no calls are served any more: the other thread has ended, or `close` was called. */
  readonly ended: Promise<void>
  /**
   * Hands a socket to the other thread, which takes it by `BlockingSocket.fromDescriptor`: gives its descriptor. Here the Socket is
   * closed by that, as by `detach`; a descriptor is one that was let go of before. Throws a SocketError with EBADF where it is closed.
   */
  hand(socket: Socket | number): number
  /** Serves no more: the sockets of the other thread are closed, and its calls fail with ENETDOWN. */
  close(): void
}

/**
 * Makes the calls that another thread asks for, on this thread's provider: a stack, most often. One for each thread. It ends when
 * the other thread does, where its end is told (in Node), or with `close`: sockets that are open there are closed then.
 *
 * ```ts
 * const calls = serveCalls(stack)
 * // new Worker(program, { workerData: calls.init, transferList: calls.transfer })
 * ```
 */
export function serveCalls(provider: Provider, options: ServeOptions = {}): ServedCalls {
  checkMethods('provider', provider, 'a Provider', 'socket', 'endpoint')
  if (typeof SharedArrayBuffer !== 'function') {
    throw new Error(
      'serveCalls needs SharedArrayBuffer, which browsers give to pages that are cross-origin isolated alone',
    )
  }
  checkOptions('options', options, ['turn'])
  const { turn = atOnce } = options
  if (typeof turn !== 'function') throw new TypeError(`options.turn must be a function, got ${given(turn)}`)
  return new CallServer(provider, turn)
}

/** A socket that the other thread has. */
interface Held {
  readonly endpoint: Endpoint
  /** It is told when something may have changed, and sees to its end. */
  readonly socket: Socket
}

const address = new SocketAddress()
const optionRoom = new Uint8Array(DATA_LENGTH)

class CallServer implements ServedCalls {
  readonly init: RemoteInit
  readonly transfer: never[]
  readonly #provider: Provider
  readonly #memory = new CallMemory()
  readonly #port: MessagePort
  readonly #held = new Map<number, Held>()
  /** Descriptors that the other thread may take, and that are closed with the rest: handed to it, or come with a message. */
  readonly #loose = new Set<number>()
  /** Those that it has let go of itself: it may take them again, where nobody else has closed them. */
  readonly #released = new Set<number>()
  readonly #over = new AbortController()
  readonly ended: Promise<void>
  #end: () => void = () => {}
  #waiting = false

  constructor(provider: Provider, turn: (make: () => void) => void) {
    const { port1, port2 } = new MessageChannel()
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#provider = provider
    this.#port = port1
    this.init = { memory: this.#memory.buffer, port: port2, name: provider.name }
    this.transfer = [port2 as never]
    serveHere(this.#memory.buffer)
    port1.onmessage = () => turn(() => this.#asked())
    // Of Node, and of newer browsers: the other thread has ended.
    port1.addEventListener('close', () => this.close())
    // The other thread keeps the process alive as long as it likes.
    unref(port1)
  }

  get waits(): boolean {
    return this.#waiting || this.#over.signal.aborted
  }

  get size(): number {
    return this.#held.size
  }

  hand(socket: Socket | number): number {
    if (typeof socket !== 'number' && !(socket instanceof Socket)) {
      throw new TypeError(`socket must be a Socket or a descriptor, got ${given(socket)}`)
    }
    if (typeof socket === 'number') checkInteger('socket', socket, 0)
    const fd = typeof socket === 'number' ? socket : socket.detach()
    this.#loose.add(fd)
    return fd
  }

  close(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    const { slots } = this.#memory
    Atomics.store(slots, CLOSED, 1)
    slots[RESULT] = -ENETDOWN
    Atomics.store(slots, STATE, ANSWERED)
    Atomics.notify(slots, STATE)
    this.#port.close()
    for (const { socket } of this.#held.values()) void socket.close()
    this.#held.clear()
    for (const fd of this.#loose) this.#provider.endpoint(fd)?.close()
    this.#loose.clear()
    this.#end()
  }

  #asked(): void {
    const { slots } = this.#memory
    if (this.#over.signal.aborted || Atomics.load(slots, STATE) !== ASKED) return
    if (slots[OPERATION] === WAIT) this.#wait()
    else this.#answer(this.#perform())
  }

  #answer(result: number): void {
    const { slots } = this.#memory
    slots[RESULT] = result
    this.#waiting = false
    this.#memory.now = this.#provider.clock.now()
    Atomics.store(slots, STATE, ANSWERED)
    Atomics.notify(slots, STATE)
  }

  #perform(): number {
    const memory = this.#memory
    const [operation, a, b, c] = [memory.slot(OPERATION), memory.slot(A), memory.slot(B), memory.slot(C)]
    switch (operation) {
      case SOCKET:
        return this.#opened(this.#provider.socket(a, b, c))
      case SOCKETPAIR: {
        const pair = this.#provider.socketpair(a, b, c)
        if (typeof pair === 'number') return pair
        this.#keep(pair[1])
        this.#opened(pair[0])
        return pair[1].fd
      }
      case TAKE:
        return this.#take(memory.slot(FD))
      case INTERFACE_INDEX: {
        if (!inData(a)) return -EFAULT
        const name = new TextDecoder().decode(memory.data.slice(0, a))
        return this.#provider.interfaceIndex?.(name) ?? 0
      }
      default: {
        const held = this.#held.get(memory.slot(FD))
        return held === undefined ? -EBADF : this.#performOn(held, operation, a, b, c)
      }
    }
  }

  #performOn({ endpoint, socket }: Held, operation: number, a: number, b: number, c: number): number {
    const memory = this.#memory
    const { data } = memory
    switch (operation) {
      case DUP:
        return this.#opened(this.#provider.dup(endpoint.fd))
      case BIND:
        return memory.readName(address) ? endpoint.bind(address) : -EINVAL
      case LISTEN:
        return endpoint.listen(a)
      case ACCEPT: {
        address.family = 0
        const accepted = endpoint.accept(a === 0 ? null : address)
        memory.writeName(a === 0 ? null : address)
        return this.#opened(accepted)
      }
      case CONNECT:
        return memory.readName(address) ? endpoint.connect(address) : -EINVAL
      case SEND:
        return inData(a) ? endpoint.send(data, 0, a, b) : -EFAULT
      case RECV:
        return inData(a) ? endpoint.recv(data, 0, a, b) : -EFAULT
      case SENDMSG:
        return inData(a) ? this.#sendmsg(endpoint, a, b, c) : -EFAULT
      case RECVMSG:
        return inData(a) ? this.#recvmsg(endpoint, a, b, c) : -EFAULT
      case SHUTDOWN:
        return endpoint.shutdown(a)
      case GET_OPTION: {
        if (!inData(c)) return -EFAULT
        // Options are read as text and numbers, which needs memory of one's own.
        const value = optionRoom.subarray(0, c)
        const length = endpoint.getOption(a, b, value)
        if (length > 0) data.set(value.subarray(0, Math.min(length, c)))
        return length
      }
      case SET_OPTION:
        return inData(c) ? endpoint.setOption(a, b, data.slice(0, c)) : -EFAULT
      case IOCTL:
        return endpoint.ioctl(a)
      case LOCAL_ADDRESS:
        return this.#named(endpoint.localAddress(address))
      case PEER_ADDRESS:
        return this.#named(endpoint.peerAddress(address))
      case READINESS:
        return endpoint.readiness()
      case DETACH:
        this.#held.delete(endpoint.fd)
        this.#released.add(socket.detach())
        return 0
      case CLOSE:
        this.#held.delete(endpoint.fd)
        void socket.close()
        return 0
      default:
        return -EOPNOTSUPP
    }
  }

  #named(result: number): number {
    this.#memory.writeName(result < 0 ? null : address)
    return result
  }

  #sendmsg(endpoint: Endpoint, length: number, flags: number, wants: number): number {
    const memory = this.#memory
    const name = (wants & WANTS_NAME) !== 0 && memory.readName(address) ? address : null
    const message = new Message([memory.data.subarray(0, length)], name)
    message.control = memory.readControl()
    return endpoint.sendmsg(message, flags)
  }

  #recvmsg(endpoint: Endpoint, room: number, flags: number, wants: number): number {
    const memory = this.#memory
    const name = (wants & WANTS_NAME) === 0 ? null : address
    address.family = 0
    const message = new Message([memory.data.subarray(0, room)], name, (wants & PLAIN) !== 0)
    message.controlLength = memory.controlLength
    const result = endpoint.recvmsg(message, flags)
    if (result < 0) return result
    memory.writeName(name)
    for (const control of message.control)
      if (isRights(control)) for (const fd of descriptorsOf(control)) this.#loose.add(fd)
    if (!memory.writeControl(message.control)) memory.writeControl([])
    memory.slots[MESSAGE_FLAGS] = message.flags
    return result
  }

  /** poll(2). It is answered when something holds, or the time is over. */
  #wait(): void {
    const memory = this.#memory
    const count = memory.slot(A)
    const timeout = memory.timeout
    if (!inData(12 * count)) {
      this.#answer(-EFAULT)
      return
    }
    const numbers = new Int32Array(memory.buffer, memory.data.byteOffset, 3 * count)
    const entries: { socket: Socket; events: number }[] = []
    for (let i = 0; i < count; i++) {
      const held = this.#held.get(numbers[3 * i] as number)
      if (held === undefined) {
        this.#answer(-EBADF)
        return
      }
      entries.push({ socket: held.socket, events: numbers[3 * i + 1] as number })
    }
    this.#waiting = true
    if (count === 0) {
      // Nothing but time passes: poll(2) with no descriptors.
      const { clock } = this.#provider
      clock.alarm(() => this.#answerWaiting(0)).set(clock.now() + Math.max(0, timeout))
      return
    }
    const options = timeout < 0 ? {} : { timeout }
    poll(entries, { ...options, signal: this.#over.signal }).then(
      (results) => {
        let ready = 0
        for (const [i, { revents }] of results.entries()) {
          numbers[3 * i + 2] = revents
          if (revents !== 0) ready++
        }
        this.#answerWaiting(ready)
      },
      // Whoever has closed it has answered.
      () => {},
    )
  }

  #answerWaiting(result: number): void {
    if (!this.#over.signal.aborted) this.#answer(result)
  }

  #opened(endpoint: Endpoint | number): number {
    if (typeof endpoint === 'number') return endpoint
    this.#keep(endpoint)
    const { slots } = this.#memory
    slots[VALUE] = endpoint.fd
    slots[VALUE + 1] = endpoint.family
    slots[VALUE + 2] = endpoint.type
    slots[VALUE + 3] = endpoint.protocol
    return 0
  }

  #keep(endpoint: Endpoint): void {
    this.#held.set(endpoint.fd, { endpoint, socket: new Socket(this.#provider, endpoint) })
  }

  #take(fd: number): number {
    const may = this.#loose.delete(fd) || this.#released.delete(fd)
    const endpoint = may ? this.#provider.endpoint(fd) : null
    if (endpoint === null) return -EBADF
    return this.#opened(endpoint)
  }
}

/** In Node a port keeps the process alive, unless it is told not to. */
function unref(port: MessagePort & { unref?(): void }): void {
  port.unref?.()
}

/** Whether so many octets lie in the memory: the other thread has written the number. */
function inData(length: number): boolean {
  return length >= 0 && length <= DATA_LENGTH
}
