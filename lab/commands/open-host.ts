// In place of src/cli/open-host.ts: where the sockets of a command are is no question on a host of the lab.

import type { Host, HostOptions } from '../../src/cli/host.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { MachineHost } from './machine-host.ts'

/** Refuses what is for a stack that the command line describes. */
export function chosenWhere(options: HostOptions, command: string): null {
  for (const [flag, given] of [
    ['--on', options.on],
    ['--impair', options.impair],
    ['--capture', options.capture],
  ]) {
    if (given === undefined) continue
    throw new UsageError(`${command} has no ${flag} here: the links of a host of the lab are those of the picture`)
  }
  return null
}

export async function openHost(): Promise<Host> {
  return new MachineHost()
}
