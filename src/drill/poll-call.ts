// Read first: poll(2).

import { POLLNVAL } from '../base/constants.ts'
import { CallArguments, memberOf, structMembers } from './call-arguments.ts'
import type { DrillHost } from './drill-host.ts'
import type { DrillSocket } from './drill-socket.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import { polledEvents } from './readiness.ts'
import type { RunningCall } from './running-call.ts'
import type { CallAction } from './script.ts'

interface PollEntry {
  readonly fd: number
  readonly socket: DrillSocket | null
  readonly events: number
  readonly expected: number
}

/** `poll([{fd=3, events=POLLIN, revents=POLLIN}, …], count, milliseconds)` */
export function pollCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 3)
  const entries = args.array(0).map((item): PollEntry => {
    const members = structMembers(item)
    const field = (name: string) => {
      const value = memberOf(members, name)
      return value === null ? 0 : wholeNumber(value)
    }
    const fd = field('fd')
    return {
      fd,
      socket: host.openSocket(fd),
      events: field('events'),
      expected: field('revents'),
    }
  })
  const timeout = args.number(2)
  let seen: number[] = []
  const look = () => {
    seen = entries.map(({ fd, socket, events }) =>
      fd < 0 ? 0 : socket === null ? POLLNVAL : polledEvents(socket, events),
    )
    return seen.filter((revents) => revents !== 0).length
  }
  return {
    sockets: entries.flatMap(({ socket }) => (socket === null ? [] : [socket])),
    attempt: () => look() || (timeout === 0 ? 0 : null),
    deadline: timeout < 0 ? Number.POSITIVE_INFINITY : host.now + timeout * 1000,
    timeoutResult: 0,
    check() {
      entries.forEach(({ fd, expected }, i) => {
        const revents = seen[i] as number // One for each entry.
        if (revents !== expected) {
          throw new DrillFailure(call, `revents of descriptor ${fd}: expected ${expected}, seen ${revents}`)
        }
      })
    },
  }
}
