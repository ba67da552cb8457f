// Read first: socket(7) on SO_REUSEADDR and SO_REUSEPORT, RFC 6056 section 3.3.4, RFC 7605.

import { EACCES, EADDRINUSE, EADDRNOTAVAIL } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { type Random, randomBelow } from '../../base/random.ts'
import { SipHash } from '../../base/siphash.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/** Linux's net.ipv4.ip_local_port_range. */
const EPHEMERAL_FIRST = 32768
const EPHEMERAL_LAST = 60999
/** RFC 6056 section 3.3.4: TABLE_LENGTH. */
const COUNTERS = 256
const PRIVILEGED_BELOW = 1024

/** A local address and port that a socket holds. */
export interface PortBinding {
  /** 0.0.0.0 or ::: every address. */
  readonly address: IpAddress
  /** 0: `bind` chooses one. */
  port: number
  /** Of the wildcard ::, without IPv4. */
  readonly v6only: boolean
  readonly reuseAddress: boolean
  readonly reusePort: boolean
  /** connect chose the port: all such share it, for their peers differ. */
  readonly byConnect?: boolean
  /** IP_LOCAL_PORT_RANGE: where `bind` chooses from; 0: as always. */
  readonly portLow: number
  readonly portHigh: number
  /** TCP: it listens. Change it through `listen`. */
  listening: boolean
  /** SO_BINDTODEVICE; null: every interface. */
  readonly networkInterface: NetworkInterface | null
}

/** The ports of one transport protocol: who holds which, and the choice of ephemeral ones. */
export class PortTable {
  readonly #stream: boolean
  readonly #privileged: boolean
  readonly #random: Random
  readonly #hash: SipHash
  readonly #counters = new Uint32Array(COUNTERS)
  /** Of each port who holds it: one, as most are, or several. */
  readonly #bindings = new Map<number, PortBinding | PortBinding[]>()
  #size = 0

  /** `stream`: TCP's rules of sharing. `privileged`: ports below 1024 can be had. */
  constructor(random: Random, stream: boolean, privileged: boolean) {
    this.#stream = stream
    this.#privileged = privileged
    this.#random = random
    this.#hash = SipHash.random(random)
    for (let i = 0; i < COUNTERS; i++) this.#counters[i] = random.int32()
  }

  /** How many bindings there are. */
  get size(): number {
    return this.#size
  }

  /**
   * Takes `binding.port`, or one that is free if it is 0. 0; -EACCES: below 1024; -EADDRINUSE: another socket holds it and does
   * not share it, or there is none left.
   */
  bind(binding: PortBinding): number {
    if (binding.port === 0) {
      const port = this.#free(binding)
      if (port < 0) return port
      binding.port = port
    } else {
      if (binding.port < PRIVILEGED_BELOW && !this.#privileged) return -EACCES
      if (this.conflicts(binding, binding.port)) return -EADDRINUSE
    }
    this.enter(binding)
    return 0
  }

  /** Takes `binding.port` whoever else holds it: the port that `ephemeral` gave, or that of a listener for its connection. */
  enter(binding: PortBinding): void {
    const holders = this.#bindings.get(binding.port)
    if (holders === undefined) this.#bindings.set(binding.port, binding)
    else if (Array.isArray(holders)) holders.push(binding)
    else this.#bindings.set(binding.port, [holders, binding])
    this.#size++
  }

  /** Gives the port back. What was not bound is left alone. */
  release(binding: PortBinding): void {
    const holders = this.#bindings.get(binding.port)
    if (holders === undefined) return
    if (!Array.isArray(holders)) {
      if (holders === binding && this.#bindings.delete(binding.port)) this.#size--
      return
    }
    const index = holders.indexOf(binding)
    if (index < 0) return
    this.#size--
    holders[index] = holders[holders.length - 1] as PortBinding
    holders.pop()
    if (holders.length === 0) this.#bindings.delete(binding.port)
  }

  /**
   * Makes a bound `binding` listen. -EADDRINUSE where another does on this address, or comes to be in its way by that: two
   * that share by SO_REUSEADDR can both be bound, but not both listen.
   */
  listen(binding: PortBinding): number {
    if (this.#conflicts(binding, binding.port, false)) return -EADDRINUSE
    binding.listening = true
    return 0
  }

  /** Whether somebody holds `port` in a way that `binding` cannot share. */
  conflicts(binding: PortBinding, port: number): boolean {
    return this.#conflicts(binding, port, binding.listening)
  }

  /** Whether anybody holds `port` at all. */
  isTaken(port: number): boolean {
    return this.#bindings.has(port)
  }

  /** Calls `visit` for every binding: for listings. */
  forEach(visit: (binding: PortBinding) => void): void {
    for (const port of this.#bindings.keys()) this.forEachHolder(port, visit)
  }

  /** Calls `visit` for everybody who holds `port`. */
  forEachHolder(port: number, visit: (binding: PortBinding) => void): void {
    const holders = this.#bindings.get(port)
    if (holders === undefined) return
    if (!Array.isArray(holders)) visit(holders)
    else for (let i = 0; i < holders.length; i++) visit(holders[i] as PortBinding)
  }

  /**
   * A port for a connection from `binding.address` to `remote`, hard to guess from outside (RFC 6056 section 3.3.4, algorithm 4): its start
   * is a keyed hash of the two ends, so that the same ends use ports one after the other, and others elsewhere.
   * -EADDRNOTAVAIL: `isFree` was true for none.
   */
  ephemeral(binding: PortBinding, remote: IpAddress, remotePort: number, isFree: (port: number) => boolean): number {
    const local = binding.address
    const first = lowOf(binding)
    const size = highOf(binding) - first + 1
    const offset = this.#hash.ends(local, remote, remotePort) >>> 0
    const group = this.#hash.high & (COUNTERS - 1)
    const count = this.#counters[group] as number
    for (let i = 0; i < size; i++) {
      // A remainder of doubles is a double, even of whole ones: every connection would keep a box of 16 octets for its port.
      const port = (first + ((offset + count + i) % size)) | 0
      if (isFree(port)) {
        this.#counters[group] = count + i + 1
        return port
      }
    }
    return -EADDRNOTAVAIL
  }

  // For bind to port 0 and datagram sockets there is no remote end to hash: at random (RFC 6056 section 3.3.1, algorithm 1).
  #free(binding: PortBinding): number {
    const first = lowOf(binding)
    const count = highOf(binding) - first + 1
    const start = randomBelow(this.#random, count)
    for (let i = 0; i < count; i++) {
      const port = first + ((start + i) % count)
      if (!this.#bindings.has(port)) return port
    }
    for (let i = 0; i < count; i++) {
      const port = first + ((start + i) % count)
      if (!this.conflicts(binding, port)) return port
    }
    return -EADDRINUSE
  }

  #conflicts(binding: PortBinding, port: number, listening: boolean): boolean {
    const holders = this.#bindings.get(port)
    if (holders === undefined) return false
    if (!Array.isArray(holders)) return this.#clash(binding, holders, listening)
    for (let i = 0; i < holders.length; i++) {
      if (this.#clash(binding, holders[i] as PortBinding, listening)) return true
    }
    return false
  }

  #clash(binding: PortBinding, other: PortBinding, listening: boolean): boolean {
    return other !== binding && !this.#share(binding, other, listening) && overlap(binding, other)
  }

  #share(x: PortBinding, y: PortBinding, listening: boolean): boolean {
    if ((x.reusePort && y.reusePort) || (x.byConnect === true && y.byConnect === true)) return true
    return x.reuseAddress && y.reuseAddress && !(this.#stream && (listening || y.listening))
  }
}

// ip(7), IP_LOCAL_PORT_RANGE: a bound outside of the system's range is not heeded.
function lowOf({ portLow }: PortBinding): number {
  return portLow >= EPHEMERAL_FIRST && portLow <= EPHEMERAL_LAST ? portLow : EPHEMERAL_FIRST
}

function highOf(binding: PortBinding): number {
  const { portHigh } = binding
  return portHigh >= lowOf(binding) && portHigh <= EPHEMERAL_LAST ? portHigh : EPHEMERAL_LAST
}

function overlap(x: PortBinding, y: PortBinding): boolean {
  if (x.networkInterface !== null && y.networkInterface !== null && x.networkInterface !== y.networkInterface) {
    return false
  }
  if (x.address.isUnspecified) {
    if (y.address.isUnspecified) return x.address.isV4 === y.address.isV4 || !(x.address.isV4 ? y : x).v6only
    return covers(x, y.address)
  }
  return y.address.isUnspecified ? covers(y, x.address) : x.address.equals(y.address)
}

/** Whether packets to `address` are for who is bound to a wildcard: 0.0.0.0 has IPv4, :: both unless it is for IPv6 alone. */
export function covers(
  wildcard: { readonly address: IpAddress; readonly v6only: boolean },
  address: IpAddress,
): boolean {
  return address.isV4 ? wildcard.address.isV4 || !wildcard.v6only : !wildcard.address.isV4
}
