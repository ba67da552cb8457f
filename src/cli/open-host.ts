import type { Host, HostOptions } from './host.ts'
import { OsHost, whyNoDevices, whyNoOs } from './os-host.ts'
import { UsageError } from './usage-error.ts'
import { parseWhere, type Where } from './where.ts'
import { WHERE_EXAMPLE } from './where-example.ts'

/** Where `--on` says that the sockets are: null for the operating system. Throws a UsageError where that cannot be. */
export function chosenWhere(options: HostOptions, command: string): Where | null {
  const { on } = options
  if (on !== undefined && on.trim() !== 'os') return parseWhere(on)
  for (const [flag, given] of [
    ['--impair', options.impair],
    ['--capture', options.capture],
  ]) {
    if (given === undefined) continue
    throw new UsageError(
      `${flag} is for a stack's own link, and the operating system's are not ours: write --on ${WHERE_EXAMPLE} with it`,
    )
  }
  const why = whyNoOs()
  if (why === null) return null
  if (on !== undefined) throw new UsageError(`--on os: ${why}`)
  if (whyNoDevices() !== null) throw new UsageError(`${command}: ${why}. Stacks of --on tap:… and tun:… need it too`)
  throw new UsageError(
    `${command} needs --on, which says where a stack is joined to the kernel's network, such as --on ${WHERE_EXAMPLE}: ${why}`,
  )
}

/** Opens what `chosenWhere` gave. A stack is loaded where it is used: that takes 0.15 s, three times what the rest of a ping takes. */
export async function openHost(where: Where | null, options: HostOptions): Promise<Host> {
  if (where === null) return new OsHost()
  const { StackHost } = await import('./stack-host.ts')
  return new StackHost(where, options)
}
