// Read first: "How it works" of cluster in Node's manual. A worker has its ports of the primary process: as a descriptor that all workers
// share, or, where the primary deals connections out, as one descriptor for each connection.

import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { EBADF } from '../../base/errno.ts'
import type { Endpoint, Provider } from '../../socket/provider.ts'
import type { AddressInfo } from './address-texts.ts'

/** What is asked for: the arguments of bind(2) as Node's own modules write them. */
export interface PortQuery {
  readonly address: string | null
  readonly port: number
  /** 4, 6, 'udp4', 'udp6', or -1 for a path. */
  readonly addressType: number | string
  readonly fd: number | undefined
  /** Bits of libuv: 1 for IPv6 alone; 4 where the port of a datagram socket may be shared. */
  readonly flags: number
  readonly backlog?: number
}

/** A socket or server that has the port, and is closed with the connection to the primary. */
interface PortOwner extends EventEmitter {
  address(): unknown
  close(done?: () => void): unknown
}

/** A handle of Node's, or what stands for one where connections are dealt out. */
interface NodeHandle {
  readonly fd?: number
  close(done?: () => void): void
  listen?(backlog: number): number
  getsockname?(into: object): number
  ref?(): void
  unref?(): void
  onconnection?: (status: number, handle: NodeHandle) => void
}

/** What `cluster` has in workers beside what Node's manual tells of. */
interface WorkersCluster {
  readonly isWorker: boolean
  readonly worker: EventEmitter & { readonly id: number }
  _getServer?(owner: PortOwner, query: object, found: (errno: number, handle: NodeHandle | null) => void): void
}

const require = createRequire(import.meta.url)

/** A port that the primary has given. */
export class WorkerPort {
  readonly #provider: Provider
  readonly #handle: NodeHandle
  readonly #close: () => void

  constructor(provider: Provider, handle: NodeHandle, owner: PortOwner) {
    const { close } = handle
    this.#provider = provider
    this.#handle = handle
    this.#close = () => Reflect.apply(close, handle, [])
    // Node closes the handles of a worker that leaves its primary, and waits for that.
    handle.close = (done) => void owner.close(done)
  }

  /** Whether there is no socket here: the primary listens, and deals out what it accepts. */
  get dealt(): boolean {
    return this.#handle.fd === undefined
  }

  /** The socket that is shared, as an endpoint of its own, or a negated errno. */
  open(): Endpoint | number {
    return endpointOf(this.#provider, this.#handle)
  }

  /** Begins to be dealt connections. 0, or a negated errno. */
  listen(backlog: number, accepted: (endpoint: Endpoint) => void): number {
    this.#handle.onconnection = (status, connection) => {
      const endpoint = status === 0 ? endpointOf(this.#provider, connection) : status
      if (typeof endpoint !== 'number') accepted(endpoint)
      connection.close()
    }
    return this.#handle.listen?.(backlog) ?? 0
  }

  /** Where the primary listens. */
  name(): AddressInfo | number {
    const info = {} as AddressInfo
    const result = this.#handle.getsockname?.(info) ?? -EBADF
    return result < 0 ? result : info
  }

  /** Whether it keeps the process alive, where there is no socket that does. */
  hold(holds: boolean): void {
    if (holds) this.#handle.ref?.()
    else this.#handle.unref?.()
  }

  /** Gives it back. */
  close(): void {
    this.#close()
  }
}

/**
 * Asks the primary process for a port, if this is a worker of `cluster` and `provider` the system that both have. Where it is not, the answer
 * is false: the port is one's own.
 */
export function askForPort(
  provider: Provider,
  owner: PortOwner,
  query: PortQuery,
  found: (errno: number, port: WorkerPort | null) => void,
): boolean {
  const cluster = clusterOfWorker()
  if (cluster === null) return false
  if (provider.name !== 'os') {
    listenAlone(cluster, owner, query)
    return false
  }
  cluster._getServer?.(owner, query, (errno, handle) =>
    found(errno, handle === null ? null : new WorkerPort(provider, handle, owner)),
  )
  return true
}

/** `cluster`, where this is a worker of it that has its primary. It is loaded for processes alone that have somebody to talk to. */
function clusterOfWorker(): WorkersCluster | null {
  if (!isMainThread || process.channel == null) return null
  const cluster = require('node:cluster') as WorkersCluster
  return cluster.isWorker && cluster._getServer !== undefined ? cluster : null
}

let warned = false

/** A stack is of one process: a worker has the port on its own. The primary is told as ever, and nobody else can reach it. */
function listenAlone({ worker }: WorkersCluster, owner: PortOwner, query: PortQuery): void {
  const { address, addressType, fd } = query
  const close = () => void owner.close()
  owner.once('listening', () => {
    const port = portOf(owner)
    // Closed by a listener before this one.
    if (port === null) return
    process.send?.({ cmd: 'NODE_CLUSTER', act: 'listening', address, addressType, fd, port: port ?? query.port })
    worker.once('disconnect', close)
  })
  owner.once('close', () => worker.removeListener('disconnect', close))
  if (warned) return
  warned = true
  process.emitWarning(
    `worker ${worker.id} of cluster listens on a stack of its own: neither its primary nor other workers have that port`,
    'JackfieldWarning',
  )
}

/** undefined for a path, null where it is closed. */
function portOf(owner: PortOwner): number | undefined | null {
  try {
    const name = owner.address()
    return name === null ? null : (name as { port?: number }).port
  } catch {
    return null
  }
}

function endpointOf(provider: Provider, { fd }: NodeHandle): Endpoint | number {
  return fd === undefined || fd < 0 ? -EBADF : provider.dup(fd)
}
