import { POLLNVAL } from '../base/constants.ts'
import { EBADF } from '../base/errno.ts'
import type { Endpoint } from './provider.ts'

const bad = (): number => -EBADF

/**
 * What a socket has in place of its endpoint once it is closed: every call is -EBADF. A check in each call would do the same,
 * at a cost on every one; the real endpoint must not be asked, its descriptor may be another's by now.
 */
export const closedEndpoint: Endpoint = {
  fd: -1,
  family: 0,
  type: 0,
  protocol: 0,
  bind: bad,
  listen: bad,
  accept: bad,
  connect: bad,
  send: bad,
  recv: bad,
  sendmsg: bad,
  recvmsg: bad,
  shutdown: bad,
  getOption: bad,
  setOption: bad,
  ioctl: bad,
  localAddress: bad,
  peerAddress: bad,
  readiness: () => POLLNVAL,
  watch: () => {},
  close: bad,
}
