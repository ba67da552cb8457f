// Read first: unix(7), socket(2), socketpair(2).

import { AF_UNIX, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } from '../base/constants.ts'
import type { Credentials } from '../base/credentials.ts'
import { ENETDOWN, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../base/errno.ts'
import type { DescriptorTable } from '../socket/descriptor-table.ts'
import type { OpenDescription, OwnEndpoint } from '../socket/open-description.ts'
import type { ReadyNode } from '../socket/ready-list.ts'
import { ConnectionEndpoint } from './connection-endpoint.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import { SeqpacketEndpoint } from './seqpacket-endpoint.ts'
import { StreamEndpoint } from './stream-endpoint.ts'
import type { UnixEndpoint } from './unix-endpoint.ts'
import { checkUnixLimits, DEFAULT_UNIX_LIMITS, type UnixLimits } from './unix-limits.ts'
import { UnixNames } from './unix-names.ts'

/** The system whose sockets they are: what Unix sockets ask of it. */
export interface UnixHost {
  readonly descriptors: DescriptorTable<OwnEndpoint>
  /** For whom its programs act: what SO_PEERCRED and SCM_CREDENTIALS say. */
  readonly credentials: Credentials
  /** Whether they may do what takes privilege. */
  readonly privileged: boolean
  /** Has the endpoint's watcher told of `events` at the end of the burst, or soon. */
  markReady(endpoint: ReadyNode, events: number): void
}

/**
 * The Unix sockets of one system: streams, datagrams and sequenced packets between its programs, by path, by abstract name or in
 * pairs; and open sockets of any kind passed over them.
 */
export class UnixSystem {
  readonly host: UnixHost
  readonly limits: UnixLimits
  readonly names: UnixNames
  /** All that are not closed, connections among them that wait to be accepted. */
  readonly endpoints = new Set<UnixEndpoint>()
  /** Descriptors in messages that have not been received. */
  inFlight = 0
  #closed = false
  #collecting = false
  #again = false

  /** Throws a TypeError or RangeError that names the limit that is none or cannot be. */
  constructor(host: UnixHost, limits: Partial<UnixLimits> = {}) {
    checkUnixLimits(limits)
    this.host = host
    this.limits = { ...DEFAULT_UNIX_LIMITS, ...limits }
    this.names = new UnixNames(this.limits.names)
  }

  /** socket(2): an endpoint with the lowest free descriptor. -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -EMFILE, -ENETDOWN: closed. */
  socket(type: number, protocol: number): UnixEndpoint | number {
    const bad = this.#check(type, protocol)
    if (bad < 0) return bad
    const fd = this.host.descriptors.reserve()
    if (fd < 0) return fd
    const endpoint = this.#create(type, fd)
    this.host.descriptors.set(fd, endpoint)
    return endpoint
  }

  /** socketpair(2): two that are connected to each other. Errors as of `socket`. */
  pair(type: number, protocol: number): [UnixEndpoint, UnixEndpoint] | number {
    const left = this.socket(type, protocol)
    if (typeof left === 'number') return left
    const right = this.socket(type, protocol)
    if (typeof right === 'number') {
      left.close()
      return right
    }
    if (left instanceof DatagramEndpoint) DatagramEndpoint.join(left, right as DatagramEndpoint)
    else ConnectionEndpoint.join(left as ConnectionEndpoint, right as ConnectionEndpoint)
    return [left, right]
  }

  // Linux takes SOCK_RAW for SOCK_DGRAM, and the family's number for a protocol.
  #check(type: number, protocol: number): number {
    if (this.#closed) return -ENETDOWN
    if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT
    if (type === SOCK_STREAM || type === SOCK_SEQPACKET || type === SOCK_DGRAM || type === SOCK_RAW) return 0
    return -ESOCKTNOSUPPORT
  }

  #create(type: number, fd: number): UnixEndpoint {
    if (type === SOCK_STREAM) return new StreamEndpoint(this, fd)
    return type === SOCK_SEQPACKET ? new SeqpacketEndpoint(this, fd) : new DatagramEndpoint(this, fd)
  }

  /** unlink(2) for the path of a socket, open or closed. 0, or -ENOENT. */
  unlink(path: string): number {
    return this.names.unlink(path)
  }

  /** Visits all that are not closed, connections among them that wait to be accepted. */
  forEach(visit: (endpoint: UnixEndpoint) => void): void {
    this.endpoints.forEach(visit)
  }

  /**
   * Closes sockets to which nothing refers but messages in queues that nobody can read any more: each other's, or their own
   * (unix_gc in Linux). Called when one has lost its last descriptor while a message still carries it.
   */
  collect(): void {
    this.#again = true
    if (this.#collecting) return
    this.#collecting = true
    try {
      while (this.#again) {
        this.#again = false
        const reached = this.#reached()
        const lost = [...this.endpoints].filter((endpoint) => !reached.has(endpoint) && endpoint.description !== null)
        for (const endpoint of lost) endpoint.purge()
      }
    } finally {
      this.#collecting = false
    }
  }

  // What programs can still get at: all with a descriptor, and what lies in the queues of those, and so on.
  #reached(): Set<OwnEndpoint> {
    const reached = new Set<OwnEndpoint>()
    const left: UnixEndpoint[] = []
    const reach = (endpoint: OwnEndpoint) => {
      if (reached.has(endpoint)) return
      reached.add(endpoint)
      if (this.endpoints.has(endpoint as UnixEndpoint)) left.push(endpoint as UnixEndpoint)
    }
    for (const endpoint of this.endpoints) {
      if (endpoint.fd >= 0 || (endpoint.description !== null && endpoint.description.descriptors > 0)) reach(endpoint)
    }
    const file = ({ endpoint }: OpenDescription) => reach(endpoint)
    for (let endpoint = left.pop(); endpoint !== undefined; endpoint = left.pop()) endpoint.forEachHeld(file, reach)
    return reached
  }

  /** Closes all sockets and forgets all names; new sockets are refused with ENETDOWN. */
  close(): void {
    this.#closed = true
    this.host.descriptors.forEach((endpoint) => {
      if (endpoint.family === AF_UNIX) endpoint.close()
    })
    for (const endpoint of [...this.endpoints]) endpoint.purge()
    this.names.clear()
  }
}
