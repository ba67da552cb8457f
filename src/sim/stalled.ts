// What a simulation says when it cannot go on: who waits, where, for what, since when.

import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../base/constants.ts'
import { endText } from '../base/ends-text.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { OwnEndpoint } from '../socket/open-description.ts'
import { Waiting } from '../socket/waiting.ts'
import { netstat } from '../stack/netstat.ts'
import type { Host } from './host.ts'

/** A call that waits on a socket. */
export interface WaitingCall {
  readonly host: string
  readonly fd: number
  /** "tcp", "udp", …, and the ends of it: "tcp 10.0.1.1:49152 > 10.0.1.2:80". */
  readonly socket: string
  /** "ESTABLISHED"; '' where it has none. */
  readonly state: string
  /** "recv"; "poll" for those who wait for readiness. */
  readonly call: string
  /** When something last happened on the socket, in milliseconds; null: nothing ever did. */
  readonly since: number | null
}

/** A program that has not ended. */
export interface WaitingProgram {
  readonly host: string
  readonly program: string
  readonly startedAt: number
}

/** Nothing is left to happen, or not within the time allowed, and programs have not ended. `message` lists them. */
export class SimulationStalled extends Error {
  override readonly name = 'SimulationStalled'
  /** When, in milliseconds of the simulation. */
  readonly at: number
  readonly programs: readonly WaitingProgram[]
  readonly calls: readonly WaitingCall[]

  constructor(at: number, why: string, programs: readonly WaitingProgram[], calls: readonly WaitingCall[]) {
    const lines = [`${why} at ${at} ms, and ${programs.length === 1 ? 'a program has' : 'programs have'} not ended:`]
    for (const host of new Set(programs.map((one) => one.host))) {
      const its = programs.filter((one) => one.host === host)
      lines.push(
        `  ${host}: ${its.map(({ program, startedAt }) => `${program}, running since ${startedAt} ms`).join('; ')}`,
      )
      const waiting = calls.filter((call) => call.host === host)
      for (const call of waiting) lines.push(`    ${callText(call)}`)
      if (waiting.length === 0) {
        lines.push(
          '    no call waits on a socket: for another program, for a time that is not over, or for what is outside of the simulation',
        )
      }
    }
    super(lines.join('\n'))
    this.at = at
    this.programs = programs
    this.calls = calls
  }
}

function callText({ call, fd, socket, state, since }: WaitingCall): string {
  return `${call}(${fd}) on ${socket}${state === '' ? '' : ` (${state})`}, ${since === null ? 'nothing yet' : `nothing since ${since} ms`}`
}

/** The calls that wait on sockets of `host`, in the order of their descriptors. */
export function waitingCalls(host: Host): WaitingCall[] {
  if (!host.isUp) return []
  const { stack } = host
  const states = new Map(netstat(stack).map((entry) => [entry.fd, entry.state]))
  const calls: WaitingCall[] = []
  stack.descriptors.forEach((endpoint, fd) => {
    const { watcher } = endpoint
    if (!(watcher instanceof Waiting)) return
    const since = stack.heardAt(endpoint)
    const state = states.get(fd) ?? ''
    const add = (call: string) => calls.push({ host: host.name, fd, socket: socketText(endpoint), state, call, since })
    for (let waiter = watcher.readers; waiter !== null; waiter = waiter.next) add(waiter.syscall)
    for (let waiter = watcher.writers; waiter !== null; waiter = waiter.next) add(waiter.syscall)
    if (watcher.isWatched) add('poll')
  })
  return calls
}

const local = new SocketAddress()
const peer = new SocketAddress()

function socketText(endpoint: OwnEndpoint): string {
  const kind = endpoint.type === SOCK_STREAM ? 'tcp' : endpoint.type === SOCK_DGRAM ? 'udp' : `type ${endpoint.type}`
  const name = endpoint.family === AF_UNIX ? 'unix' : kind
  const here = endpoint.localAddress(local) < 0 ? '' : ` ${addressText(local)}`
  const there = endpoint.peerAddress(peer) < 0 ? '' : ` > ${addressText(peer)}`
  return name + here + there
}

function addressText(address: SocketAddress): string {
  const isInternet = address.family === AF_INET || address.family === AF_INET6
  return isInternet ? endText(address.ip.toString(), address.port) : address.path
}
