// The systems that the suite runs on. Each case says what holds of sockets, whoever provides them.

import { AF_INET, AF_INET6 } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { Stack } from '../../src/stack/stack.ts'
import { drive, failure, pass, settle } from './drive.ts'
import { KernelHosts } from './kernel-hosts.ts'
import { Plug } from './plug.ts'

/** A server's host and a client's, which may be one. */
export interface Hosts {
  readonly server: Provider
  readonly client: Provider
  /** Of the sockets that cases make. */
  readonly family: number
  /** How the wildcard address is shown. */
  readonly any: string
  /** Two addresses that only the host itself can reach; null where its family has but one. */
  readonly loopbacks: readonly [string, string] | null
  /** Where the client reaches the server, and the address that the server then sees. */
  readonly serverAddress: string
  readonly clientAddress: string
  /** An address on the client's link that nobody has; null where it has no such link. */
  readonly silentAddress: string | null
  /** Pulls the cable out between the hosts, or puts it back; null where there is none. */
  readonly plug: ((plugged: boolean) => void) | null
  /** The operating system's own: the kernel, which cannot be told to lose packets or to wait. */
  readonly kernel: boolean
  /** Now, by the clock that time-outs are kept by. */
  now(): number
  /** The result of `promise`, letting pass what time it takes. */
  drive<T>(promise: Promise<T>): Promise<T>
  /** The error that `promise` is rejected with. */
  failure(promise: Promise<unknown>): Promise<unknown>
  /** Lets all happen that needs no time. */
  settle(): Promise<void>
  pass(milliseconds: number): Promise<void>
  /** Lets time pass until `condition` holds, within reason: what a host does by timers of its own. */
  until(condition: () => boolean): Promise<void>
  /** How many sockets are open, on both. */
  open(): number
  /** Closes down. Throws where anything is left: a descriptor, a connection, a timer. All sockets have been closed before. */
  close(): Promise<void>
}

export interface HostsKind {
  readonly name: string
  /** Two hosts with a link between them: `silentAddress` and `plug` are there. */
  readonly linked: boolean
  /** A handshake is over when the call that begins it returns, and what is sent has been acknowledged. */
  readonly instant: boolean
  /** AF_INET or AF_INET6. */
  readonly family: number
  make(): Hosts
}

/** Longer than TIME-WAIT, FIN-WAIT-2 of an orphan, and its retransmissions in vain. */
const QUIET = 1_000_000

/** How long what a timer brings about may take. */
const REASON = 5000

/** The addresses of one family. */
export interface Addresses {
  readonly family: number
  readonly any: string
  readonly loopbacks: readonly [string, string] | null
  /** On one host; on the link: the server's, the client's, nobody's. */
  readonly local: string
  readonly link: readonly [string, string, string]
}

const IPV4: Addresses = {
  family: AF_INET,
  any: '0.0.0.0',
  loopbacks: ['127.0.0.1', '127.0.0.2'],
  local: '127.0.0.1',
  link: ['192.0.2.1', '192.0.2.2', '192.0.2.77'],
}

const IPV6: Addresses = {
  family: AF_INET6,
  any: '::',
  loopbacks: null,
  local: '::1',
  link: ['2001:db8::1', '2001:db8::2', '2001:db8::77'],
}

/** AF_INET6 sockets that talk IPv4. */
const MAPPED: Addresses = {
  family: AF_INET6,
  any: '::',
  loopbacks: ['::ffff:127.0.0.1', '::ffff:127.0.0.2'],
  local: '::ffff:127.0.0.1',
  link: ['::ffff:192.0.2.1', '::ffff:192.0.2.2', '::ffff:192.0.2.77'],
}

class StackHosts implements Hosts {
  readonly kernel = false
  readonly server: Stack
  readonly client: Stack
  readonly family: number
  readonly any: string
  readonly loopbacks: readonly [string, string] | null
  readonly serverAddress: string
  readonly clientAddress: string
  readonly silentAddress: string | null
  readonly plug: ((plugged: boolean) => void) | null
  readonly #clock: ManualClock

  constructor(
    clock: ManualClock,
    server: Stack,
    client: Stack,
    family: Addresses,
    addresses: readonly [string, string, string | null],
    plug: ((plugged: boolean) => void) | null,
  ) {
    this.#clock = clock
    this.family = family.family
    this.any = family.any
    this.loopbacks = family.loopbacks
    this.plug = plug
    this.server = server
    this.client = client
    this.serverAddress = addresses[0]
    this.clientAddress = addresses[1]
    this.silentAddress = addresses[2]
  }

  get #stacks(): Stack[] {
    return this.server === this.client ? [this.server] : [this.server, this.client]
  }

  now(): number {
    return this.#clock.now()
  }

  drive<T>(promise: Promise<T>): Promise<T> {
    return drive(this.#clock, promise)
  }

  failure(promise: Promise<unknown>): Promise<unknown> {
    return failure(this.#clock, promise)
  }

  settle(): Promise<void> {
    return settle(this.#clock)
  }

  pass(milliseconds: number): Promise<void> {
    return pass(this.#clock, milliseconds)
  }

  async until(condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition(); waited++) {
      if (waited > REASON) throw new Error(`not after ${REASON} ms`)
      await this.pass(1)
    }
  }

  open(): number {
    return this.#stacks.reduce((sum, stack) => sum + stack.descriptors.size, 0)
  }

  async close(): Promise<void> {
    await this.pass(QUIET)
    const left = this.#stacks.map((stack) => [stack.descriptors.size, stack.tcp.connections.count])
    if (left.flat().some((count) => count !== 0)) {
      throw new Error(`left behind: [descriptors, connections] of each stack ${JSON.stringify(left)}`)
    }
    for (const stack of this.#stacks) stack.close()
    await this.settle()
    if (this.#clock.nextAt() !== Number.POSITIVE_INFINITY) throw new Error('an alarm is left behind')
  }
}

function oneHost(name: string, family: Addresses): HostsKind {
  return {
    name: `one userspace host, over loopback, ${name}`,
    linked: false,
    instant: false,
    family: family.family,
    make() {
      const clock = new ManualClock()
      const stack = new Stack({ clock, random: new SeededRandom(1) })
      return new StackHosts(clock, stack, stack, family, [family.local, family.local, null], null)
    },
  }
}

function twoHosts(name: string, family: Addresses): HostsKind {
  return {
    name: `two userspace hosts, over a cable, ${name}`,
    linked: true,
    instant: false,
    family: family.family,
    make() {
      const clock = new ManualClock()
      const [server, client] = [1, 2].map((seed) => new Stack({ clock, random: new SeededRandom(seed) })) as [
        Stack,
        Stack,
      ]
      const cable = new Cable({ delay: 1 })
      const plug = new Plug(cable.left)
      // Nobody else is there who could have the addresses: no need to ask.
      const duplicateAddressDetection = false
      server.attach(plug, { address: ['192.0.2.1/24', '2001:db8::1/64'], duplicateAddressDetection })
      client.attach(cable.right, { address: ['192.0.2.2/24', '2001:db8::2/64'], duplicateAddressDetection })
      return new StackHosts(clock, server, client, family, family.link, (plugged) => {
        plug.plugged = plugged
      })
    },
  }
}

function kernel(name: string, family: Addresses): HostsKind {
  return {
    name: `the kernel, ${name}`,
    linked: false,
    instant: true,
    family: family.family,
    make: () => new KernelHosts(family),
  }
}

export const kinds: readonly HostsKind[] = [
  oneHost('IPv4', IPV4),
  oneHost('IPv6', IPV6),
  oneHost('IPv4 by AF_INET6', MAPPED),
  twoHosts('IPv4', IPV4),
  twoHosts('IPv6', IPV6),
  kernel('IPv4', IPV4),
  kernel('IPv6', IPV6),
  kernel('IPv4 by AF_INET6', MAPPED),
]
