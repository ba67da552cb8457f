// What programs import from jackfield/os: the provider, and of the rest what a host of the lab can tell.

import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import type { OsNetstatOptions } from '../../src/os/os-netstat.ts'
import type { HostStack } from '../../src/sim/host-stack.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { netstat } from '../../src/stack/netstat.ts'

/** The module of a program whose host has this stack. */
export function osModule(os: Provider, stack: HostStack) {
  const osNetstat = ({ kinds, details }: OsNetstatOptions = {}): Promise<NetstatEntry[]> => {
    const entries = netstat(stack, { details })
    const of = ({ protocol }: NetstatEntry) => kinds?.some((kind) => protocol.startsWith(kind)) ?? true
    return Promise.resolve(entries.filter(of))
  }
  return { os, osNetstat }
}
