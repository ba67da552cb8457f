import { existsSync } from 'node:fs'
import { machineNames } from '../adapters/system-names.ts'
import { AF_UNIX, SOCK_DGRAM } from '../base/constants.ts'
import { libc } from '../os/libc.ts'
import { os } from '../os/operating-system.ts'
import { ReadyHost } from './ready-host.ts'

/** The operating system's own sockets. */
export class OsHost extends ReadyHost {
  readonly provider = os
  readonly names = machineNames
  readonly description = "on the operating system's own sockets"

  get speaksIpv6(): boolean {
    return existsSync('/proc/net/if_inet6')
  }

  interfaceIndex(name: string): number | null {
    return os.interfaceIndex(name) || null
  }

  interfaceName(index: number): string | null {
    return os.interfaceName(index)
  }
}

/** Why this machine's own sockets are out of reach; null where they are not. */
export function whyNoOs(): string | null {
  try {
    const endpoint = os.socket(AF_UNIX, SOCK_DGRAM, 0)
    if (typeof endpoint !== 'number') endpoint.close()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Why TAP and TUN devices are out of reach as well; null where they are not. */
export function whyNoDevices(): string | null {
  try {
    libc()
    return null
  } catch (error) {
    return (error as Error).message
  }
}
