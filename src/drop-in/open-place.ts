import { StackHost } from '../cli/stack-host.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseWhere } from '../cli/where.ts'
import type { Stack } from '../stack/stack.ts'
import { finishBeforeExit } from './finish-before-exit.ts'
import { stackForDropIns } from './stack-for-drop-ins.ts'

/**
 * Reads where a stack is to be joined to the machine's network, and gives what opens it there. Throws a UsageError that begins with
 * `variable`.
 */
export function readPlace(text: string, variable: string): () => Stack {
  const where = parseWhere(text, { name: variable, besides: 'os or userspace' })
  // A program's first connect is not going to wait for it.
  if (where.dhcp)
    throw new UsageError(
      `${variable} cannot have ${where.either ? 'auto' : 'dhcp'}, which is for the command; write an address, such as 10.0.0.2/24`,
    )
  StackHost.checkImpairment(where)
  return () => {
    const host = new StackHost(where, { shown: false, dhcp6: false }, undefined, stackForDropIns())
    // The program's sockets keep it alive, not the device.
    host.device.unref()
    // It says on stderr what is left to do where the kernel's end is not up: nothing would get through, and nobody else would say so.
    void host.linkUpOrTold()
    finishBeforeExit(host.stack)
    return host.stack
  }
}
