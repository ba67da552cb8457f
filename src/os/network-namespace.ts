// Read first: unshare(2), network_namespaces(7), setns(2).

import { libc, O_CLOEXEC, systemError } from './libc.ts'

const CLONE_NEWNET = 0x40000000
const O_RDONLY = 0

/**
 * Moves this thread into a network namespace of its own, where there is nothing but a loopback interface that is down. What it opens
 * and which processes it starts from now on belong there. Returns what leads back. Throws an Error with `code` EPERM without the right.
 */
export function enterOwnNetwork(): () => void {
  const system = libc()
  const unshare = system.library.func('unshare', 'int', ['int'])
  const setns = system.library.func('setns', 'int', ['int', 'int'])
  const before = system.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0)
  if (before < 0) throw systemError('open', system.errno(), '/proc/thread-self/ns/net')
  if (unshare(CLONE_NEWNET) < 0) {
    const error = systemError('unshare', system.errno(), 'a network namespace', 'Only root can make one')
    system.close(before)
    throw error
  }
  return () => {
    setns(before, CLONE_NEWNET)
    system.close(before)
  }
}
