// TLS over sockets that are not Node's. A TLSSocket stays a socket of Node's own; below it there is always one of the program's, as
// where a program hands one over in the option `socket`. What of the lower one is to be seen at the upper one is passed on here.

import type { NetConnectOpts, Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'

/** What TLSSocket and net have that Node's manual does not mention. */
interface Insides {
  _init(this: Insides, socket: unknown, wrap: unknown): void
  _getpeername(): object
  _getsockname(): object
  connecting: boolean
}

interface NetModule {
  readonly Socket: new (options?: object) => Socket
  _normalizeArgs(given: readonly unknown[]): [options: object, listener: unknown]
}

type TlsConnect = (options: ConnectionOptions, listener?: () => void) => TLSSocket

/** Calls that a TLSSocket hands to what is below it. */
const PASSED_ON = ['ref', 'unref', 'setNoDelay', 'setKeepAlive'] as const

/** What a socket that connects tells on the way, besides 'connect', which Node passes on. */
const TOLD = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'ready',
] as const satisfies string[]

/** Lets TLSSockets lie on sockets of `net` as they do on Node's own. */
export function passOn(prototype: object, net: NetModule): void {
  const tls = prototype as unknown as Insides & Record<(typeof PASSED_ON)[number], (...given: unknown[]) => unknown>
  const { _init, _getpeername, _getsockname } = tls
  const below = new WeakMap<object, Socket>()
  tls._init = function (socket, wrap) {
    _init.call(this, socket, wrap)
    if (!(socket instanceof net.Socket)) return
    below.set(this, socket)
    // Its end is TLS's to send, when all is written that TLS still has: by itself it would end when it has read the peer's.
    socket.allowHalfOpen = true
    // Node takes a socket that has no handle of its own for one that is not connected.
    this.connecting = socket.pending
  }
  tls._getpeername = function () {
    const socket = below.get(this)
    if (socket === undefined) return _getpeername.call(this)
    const { remoteAddress: address, remoteFamily: family, remotePort: port } = socket
    return { address, family, port }
  }
  tls._getsockname = function () {
    const socket = below.get(this)
    if (socket === undefined) return _getsockname.call(this)
    const { localAddress: address, localFamily: family, localPort: port } = socket
    return address === undefined ? {} : { address, family, port }
  }
  for (const name of PASSED_ON) {
    const own = tls[name]
    tls[name] = function (this: object, ...given: unknown[]) {
      const socket = below.get(this)
      if (socket === undefined) return Reflect.apply(own, this, given)
      Reflect.apply(socket[name] as (...given: unknown[]) => unknown, socket, given)
      return this
    }
  }
}

/** tls.connect() whose connections are sockets of `net`. */
export function connectOver(net: NetModule, nodes: TlsConnect): (...given: unknown[]) => TLSSocket {
  return function connect(...given) {
    const [found, listener] = net._normalizeArgs(given)
    // With a port or a path before them, what is said of TLS lies behind: tls.connect(port[, host][, options][, callback]).
    const more = [given[1], given[2]].find((one) => one !== null && typeof one === 'object')
    const options: ConnectionOptions & { readonly onread?: unknown } = { ...found, ...more }
    const called = typeof listener === 'function' ? [listener as () => void] : []
    if (options.socket) return nodes(options, ...called)
    // What ends the one ends the other, and only the upper one gives octets away and counts idle time.
    const { signal, onread, timeout, ...lower } = options as ConnectionOptions & { signal?: unknown; onread?: unknown }
    const socket = new net.Socket(lower)
    const secure = nodes({ ...options, socket }, ...called)
    if (timeout) secure.setTimeout(timeout)
    for (const event of TOLD) socket.on(event, (...told: unknown[]) => secure.emit(event, ...told))
    try {
      socket.connect(lower as NetConnectOpts)
    } catch (error) {
      secure.destroy()
      throw error
    }
    return secure
  }
}
