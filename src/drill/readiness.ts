// Read first: poll(2), epoll(7).

import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../base/constants.ts'
import type { DrillSocket } from './drill-socket.ts'

const POLLRDNORM = 0x040
const POLLRDBAND = 0x080
const POLLWRNORM = 0x100

/** What poll(2) tells of `socket` to one that asks for `events`: errors and ends are told to everyone. */
export function polledEvents(socket: DrillSocket, events: number): number {
  const ready = socket.endpoint === null ? 0 : socket.endpoint.readiness()
  const normal =
    ((ready & POLLIN) !== 0 ? POLLRDNORM : 0) |
    ((ready & POLLOUT) !== 0 ? POLLWRNORM : 0) |
    ((ready & POLLPRI) !== 0 ? POLLRDBAND : 0)
  return (ready | normal) & (events | POLLERR | POLLHUP)
}
