// Read first: poll(2).

import { POLLERR, POLLHUP, POLLNVAL } from '../base/constants.ts'
import type { Endpoint } from '../socket/provider.ts'
import { CallArguments, memberOf, structMembers } from './call-arguments.ts'
import type { DrillHost } from './drill-host.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import type { RunningCall } from './running-call.ts'
import type { CallAction } from './script.ts'

interface PollEntry {
  readonly fd: number
  readonly endpoint: Endpoint | null
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
      endpoint: host.descriptors.get(fd)?.endpoint ?? null,
      events: field('events'),
      expected: field('revents'),
    }
  })
  const timeout = args.number(2)
  let seen: number[] = []
  const look = () => {
    seen = entries.map(({ endpoint, events }) =>
      endpoint === null ? POLLNVAL : endpoint.readiness() & (events | POLLERR | POLLHUP),
    )
    return seen.filter((revents) => revents !== 0).length
  }
  return {
    endpoints: entries.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint])),
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
