import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AF_UNIX, SOCK_DGRAM } from '../../base/constants.ts'
import { EINPROGRESS } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import { sourceAddress } from '../own-address.ts'
import { removeLeft, unixAddress } from '../unix-name.ts'
import { readBind } from './bind-option.ts'
import type { End } from './end.ts'
import type { RelayAddress } from './relay-address.ts'
import type { RelayHosts } from './relay-hosts.ts'
import { SocketEnd } from './socket-end.ts'
import { setOptions } from './socket-options.ts'

/** Milliseconds before a connect is tried again. */
const INTERVAL = 1000

/** Connects to `address`, and again if that is asked for. Rejects with an Error of one line that names it. */
export async function connect(hosts: RelayHosts, address: RelayAddress, signal: AbortSignal): Promise<End> {
  const { retry = 0, interval = INTERVAL } = address.options
  for (let left = retry; ; left--) {
    try {
      return await (address.kind.medium === 'unix'
        ? connectUnix(hosts.host(address).provider, address, signal)
        : connectInternet(hosts, address, signal))
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      if (left === 0) throw connectFailure(address, error)
      await pause(interval, undefined, { signal })
    }
  }
}

function connectFailure({ name }: RelayAddress, error: SocketError): Error {
  const late = error.errno === -EINPROGRESS
  const peer = error.address === undefined || name.includes(error.address) ? '' : ` (${error.address})`
  return new Error(`${name}${peer}: ${error.syscall}: ${late ? 'Connection timed out' : error.text}`)
}

async function connectInternet(hosts: RelayHosts, address: RelayAddress, signal: AbortSignal): Promise<End> {
  const { host, port, kind, name } = address
  const names = hosts.names(address)
  let failure: unknown = null
  for (const found of await names.addresses(host as string)) {
    // who connects has one: parseRelayAddress
    const peer = found.copy()
    peer.port = port
    const [source, sourcePort] = readBind(address)
    const own = await sourceAddress(names, peer.family, source, sourcePort)
    const socket = new Socket(hosts.host(address).provider, peer.family, kind.type)
    try {
      await prepared(socket, own, address, peer, signal)
      return new SocketEnd(name, socket)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function connectUnix(provider: Provider, address: RelayAddress, signal: AbortSignal): Promise<End> {
  const { kind, options, name, path } = address
  const peer = unixAddress(path, name)
  // Who has no name gets no answer to a datagram.
  const folder =
    kind.type === SOCK_DGRAM && options.bind === undefined ? mkdtempSync(join(tmpdir(), 'jackfield-relay-')) : null
  const left = () => {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
  try {
    const own = folder === null ? options.bind : join(folder, 'recv.sock')
    const bound = own === undefined ? null : unixAddress(own, `${name} bind=`)
    if (bound !== null) removeLeft(bound.path)
    const socket = new Socket(provider, AF_UNIX, kind.type)
    await prepared(socket, bound, address, peer, signal)
    return new SocketEnd(name, socket, left)
  } catch (error) {
    left()
    throw error
  }
}

async function prepared(
  socket: Socket,
  own: SocketAddress | null,
  { options }: RelayAddress,
  peer: SocketAddress,
  signal: AbortSignal,
): Promise<void> {
  try {
    setOptions(socket, options)
    if (own !== null) bindOrTell(socket, own)
    const { connectTimeout } = options
    await socket.connect(peer, connectTimeout === undefined ? { signal } : { timeout: connectTimeout, signal })
  } catch (error) {
    await socket.close()
    throw error
  }
}
