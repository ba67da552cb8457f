// The operating system as a host of the suite: the judge. Each case has a network namespace of its own, with nothing in it but the
// loopback interface, so that ports, TIME-WAIT and settings are its own.

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { IFNAMSIZ, interfaceRequest } from '../../src/os/interface-request.ts'
import { libc } from '../../src/os/libc.ts'
import { OperatingSystem } from '../../src/os/operating-system.ts'
import { turns } from './drive.ts'
import type { Addresses, Hosts } from './hosts.ts'

const CLONE_NEWNET = 0x40000000
const AF_INET = 2
const SOCK_DGRAM = 2
const SIOCSIFFLAGS = 0x8914
const IFF_UP = 0x1

/** Turns of the event loop in which all is heard that has come: the loopback interface delivers within the call that sends. */
const LOOPS = 3
/** Real milliseconds for what the kernel does by timers of its own: acknowledgements that it delays, and the like. */
const PATIENCE = 5000

/** Moves this thread into a network namespace of its own; `leave` brings it back, and the namespace goes with its last socket. */
export class OwnNamespace {
  readonly #home = openSync('/proc/thread-self/ns/net', 'r')

  constructor() {
    const system = libc()
    const unshare = system.library.func('unshare', 'int', ['int']) as (kind: number) => number
    if (unshare(CLONE_NEWNET) !== 0) {
      throw new Error(`no network namespace could be made (errno ${system.errno()}): run the tests as root`)
    }
    const socket = system.socket(AF_INET, SOCK_DGRAM, 0)
    const request = interfaceRequest('lo')
    new DataView(request.buffer).setUint16(IFNAMSIZ, IFF_UP, true)
    const failed = system.ioctl(socket, SIOCSIFFLAGS, request) < 0
    system.close(socket)
    if (failed) throw new Error('the loopback interface could not be set up')
    // icmp(7): who may have ICMP sockets without privilege. Nobody, in a namespace that is new.
    writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 2147483647')
  }

  leave(): void {
    const setns = libc().library.func('setns', 'int', ['int', 'int']) as (fd: number, kind: number) => number
    if (setns(this.#home, CLONE_NEWNET) !== 0) throw new Error('the namespace could not be left')
    closeSync(this.#home)
  }
}

export class KernelHosts implements Hosts {
  readonly server: OperatingSystem
  readonly client: OperatingSystem
  readonly family: number
  readonly any: string
  readonly loopbacks: readonly [string, string] | null
  readonly serverAddress: string
  readonly clientAddress: string
  readonly silentAddress = null
  readonly plug = null
  readonly kernel = true
  readonly #clock = new ManualClock()
  readonly #namespace = new OwnNamespace()

  constructor(family: Addresses) {
    this.family = family.family
    this.any = family.any
    this.loopbacks = family.loopbacks
    this.serverAddress = family.local
    this.clientAddress = family.local
    this.server = new OperatingSystem({ clock: this.#clock })
    this.client = this.server
  }

  now(): number {
    return this.#clock.now()
  }

  async settle(): Promise<void> {
    for (let i = 0; i < LOOPS; i++) {
      await turns()
      await new Promise((resolve) => setImmediate(resolve))
      while (this.#clock.settle()) await turns()
    }
    await turns()
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.#clock.now() + milliseconds
    for (;;) {
      await this.settle()
      const next = this.#clock.nextAt()
      if (next > end) break
      this.#clock.advanceTo(next)
    }
    this.#clock.advanceTo(end)
    await this.settle()
  }

  async drive<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const note = () => {
      over = true
    }
    promise.then(note, note)
    const until = performance.now() + PATIENCE
    for (;;) {
      await this.settle()
      if (over) return promise
      const next = this.#clock.nextAt()
      if (next < Number.POSITIVE_INFINITY) this.#clock.advanceTo(next)
      else if (performance.now() > until) throw new Error(`still pending after ${PATIENCE} ms`)
      else await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async failure(promise: Promise<unknown>): Promise<unknown> {
    let value: unknown
    try {
      value = await this.drive(promise)
    } catch (error) {
      return error
    }
    throw new Error(`expected a rejection, got ${String(value)}`)
  }

  async until(condition: () => boolean): Promise<void> {
    const until = performance.now() + PATIENCE
    for (;;) {
      await this.settle()
      if (condition()) return
      if (performance.now() > until) throw new Error(`not after ${PATIENCE} ms`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  open(): number {
    return this.server.size
  }

  async close(): Promise<void> {
    await this.settle()
    // A socket that lingers is closed by a thread, which answers when it comes to it; a listener may linger too.
    const until = performance.now() + PATIENCE
    while (this.#clock.nextAt() !== Number.POSITIVE_INFINITY && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const left = this.server.size
    // TIME-WAIT and orphans that say goodbye are the kernel's own.
    const stat = readFileSync('/proc/thread-self/net/sockstat', 'latin1')
    const inUse = [...stat.matchAll(/^(?:UDP|RAW): inuse (\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
    this.#namespace.leave()
    if (left !== 0) throw new Error(`${left} sockets are left open`)
    if (inUse !== 0) throw new Error(`sockets are left in the kernel: ${stat}`)
    if (this.#clock.nextAt() !== Number.POSITIVE_INFINITY) throw new Error('an alarm is left behind')
  }
}
