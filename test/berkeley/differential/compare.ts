// Runs a program on the kernel, in a network namespace of its own, and on a stack, and says where they first disagree.

import { ManualClock } from '../../../src/base/manual-clock.ts'
import { SeededRandom } from '../../../src/base/random.ts'
import { OperatingSystem } from '../../../src/os/operating-system.ts'
import { Stack } from '../../../src/stack/stack.ts'
import { OwnNamespace } from '../kernel-hosts.ts'
import { type Call, callText } from './call.ts'
import { Machine } from './machine.ts'

const OWN = { pid: process.pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** null where both did the same; else the program up to the first difference, with what each answered. */
export function difference(program: readonly Call[]): string | null {
  const namespace = new OwnNamespace()
  // The loopback interface delivers within the call that sends.
  const kernel = new Machine(new OperatingSystem({ clock: new ManualClock() }), () => {})
  const clock = new ManualClock()
  const stack = new Stack({ clock, random: new SeededRandom(1), credentials: OWN })
  const userspace = new Machine(stack, () => {
    while (clock.settle());
  })
  try {
    const lines: string[] = []
    for (const call of program) {
      const text = callText(call, kernel.count)
      const right = kernel.step(call)
      const ours = userspace.step(call)
      if (right !== ours) return [...lines, `${text} =`, `  kernel: ${right}`, `  stack:  ${ours}`].join('\n')
      lines.push(`${text} = ${right}`)
    }
    return null
  } finally {
    kernel.close()
    userspace.close()
    stack.close()
    namespace.leave()
  }
}
