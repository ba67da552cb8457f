// Read first: epoll(7), epoll_ctl(2), epoll_wait(2).

import { EBADF, EEXIST, EINVAL, ENOENT, EPERM } from '../base/errno.ts'
import { CallArguments, memberOf } from './call-arguments.ts'
import type { DrillHost } from './drill-host.ts'
import { DrillSocket } from './drill-socket.ts'
import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import { polledEvents } from './readiness.ts'
import { type RunningCall, returned } from './running-call.ts'
import type { CallAction, Expression, Member } from './script.ts'

const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLL_CTL_MOD = 3
const EPOLLONESHOT = 1 << 30
const EPOLLET = 1 << 31
/** The bits of `events` that are no events. */
const MODES = 0xf << 28
const DATA_MEMBERS = ['fd', 'ptr', 'u32', 'u64'] as const

interface Interest {
  readonly socket: DrillSocket
  events: number
  /** What the script gave with it: it comes back. */
  data: number
  /** How often the socket had been woken when it was last told of; −1: it is told of if anything holds. */
  toldAt: number
  disabled: boolean
}

interface Told {
  readonly events: number
  readonly data: number
}

/** An epoll instance: sockets that somebody is interested in. */
export class Epoll {
  readonly kind = 'epoll'
  readonly #interests: Interest[] = []

  control(operation: number, socket: DrillSocket, events: number, data: number): number {
    const index = this.#interests.findIndex((interest) => interest.socket === socket)
    const known = this.#interests[index]
    if (operation === EPOLL_CTL_ADD) {
      if (known !== undefined) return -EEXIST
      this.#interests.push({ socket, events, data, toldAt: -1, disabled: false })
      return 0
    }
    if (operation !== EPOLL_CTL_DEL && operation !== EPOLL_CTL_MOD) return -EINVAL
    if (known === undefined) return -ENOENT
    if (operation === EPOLL_CTL_DEL) this.#interests.splice(index, 1)
    else Object.assign(known, { events, data, toldAt: -1, disabled: false })
    return 0
  }

  get sockets(): readonly DrillSocket[] {
    return this.#interests.map((interest) => interest.socket)
  }

  /** What is to be told of up to `most` sockets; those by edges are told of once for each time that they were woken. */
  take(most: number): Told[] {
    const told: Told[] = []
    for (const interest of this.#interests) {
      const { socket, events } = interest
      if (interest.disabled || socket.closed) continue
      if ((events & EPOLLET) !== 0 && interest.toldAt === socket.wakeUps) continue
      const now = polledEvents(socket, events & ~MODES)
      if (now === 0) continue
      told.push({ events: now, data: interest.data })
      interest.toldAt = socket.wakeUps
      if ((events & EPOLLONESHOT) !== 0) interest.disabled = true
      if (told.length === most) break
    }
    return told
  }
}

function epollAt(host: DrillHost, args: CallArguments): Epoll | null {
  const descriptor = host.descriptors.get(args.number(0))
  return descriptor?.kind === 'epoll' ? descriptor : null
}

function createCall(host: DrillHost, call: CallAction): RunningCall {
  const size = new CallArguments(call, 1).number(0)
  if (call.name === 'epoll_create' && size <= 0) return returned(-EINVAL)
  return { ...returned(0), bindDescriptor: (fd) => host.descriptors.set(fd, new Epoll()) }
}

function controlCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 4)
  const descriptor = host.descriptors.get(args.number(2))
  if (!host.descriptors.has(args.number(0)) || descriptor === undefined) return returned(-EBADF)
  const epoll = epollAt(host, args)
  if (epoll === null || (descriptor as unknown) === epoll) return returned(-EINVAL)
  if (!(descriptor instanceof DrillSocket)) return returned(-EPERM)
  descriptor.watch()
  const event = args.at(3).kind === 'struct' ? args.struct(3) : []
  const events = memberOf(event, 'events')
  return returned(
    epoll.control(args.number(1), descriptor, events === null ? 0 : wholeNumber(events), dataOf(event) ?? 0),
  )
}

/** `fd=4`: the member of the union that a struct epoll_event has. */
function dataOf(members: readonly Member[]): number | null {
  for (const name of DATA_MEMBERS) {
    const value = memberOf(members, name)
    if (value !== null) return wholeNumber(value)
  }
  return null
}

function waitCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 4, 5)
  if (!host.descriptors.has(args.number(0))) return returned(-EBADF)
  const epoll = epollAt(host, args)
  const most = args.number(2)
  if (epoll === null || most <= 0) return returned(-EINVAL)
  const timeout = args.number(3)
  let told: Told[] = []
  return {
    sockets: epoll.sockets,
    attempt() {
      told = epoll.take(most)
      return told.length || (timeout === 0 ? 0 : null)
    },
    deadline: timeout < 0 ? Number.POSITIVE_INFINITY : host.now + timeout * 1000,
    timeoutResult: 0,
    check() {
      if (told[0] !== undefined) checkEvent(call, args.at(1), told[0])
    },
  }
}

function checkEvent(call: CallAction, expected: Expression, told: Told): void {
  if (expected.kind === 'ellipsis') return
  const first = expected.kind === 'array' ? expected.items[0] : expected
  if (first === undefined || first.kind !== 'struct') {
    throw new DrillFailure(expected, `expected an event in braces, the script has '${expressionText(expected)}'`)
  }
  const events = memberOf(first.members, 'events')
  if (events !== null && wholeNumber(events) >>> 0 !== told.events) {
    throw new DrillFailure(call, `events: expected ${wholeNumber(events) >>> 0}, seen ${told.events}`)
  }
  const data = dataOf(first.members)
  if (data !== null && data !== told.data) throw new DrillFailure(call, `data: expected ${data}, seen ${told.data}`)
}

/** The calls of epoll(7). */
export const EPOLL_CALLS = {
  epoll_create: createCall,
  epoll_create1: createCall,
  epoll_ctl: controlCall,
  epoll_wait: waitCall,
  epoll_pwait: waitCall,
}
