import type { Stack } from '../stack/stack.ts'
import { stackForDropIns } from './stack-for-drop-ins.ts'

/**
 * A stack that has 127.0.0.1 and ::1, and nobody else on its network. Groups are joined and spoken to on the loopback, where a program
 * names no interface: it is the only one, and programs expect that some interface is the default.
 */
export function openLoopback(): Stack {
  const stack = stackForDropIns()
  for (const groups of ['224.0.0.0/4', 'ff00::/8']) stack.addRoute(groups, { interface: stack.loopback })
  return stack
}
