import { existsSync } from 'node:fs'
import { machineNames } from '../adapters/system-names.ts'
import { AF_UNIX, SOCK_DGRAM } from '../base/constants.ts'
import { libc } from '../os/libc.ts'
import { os } from '../os/operating-system.ts'
import type { Host } from './host.ts'

/** The operating system's own sockets. */
export class OsHost implements Host {
  readonly provider = os
  readonly stack = null
  readonly where = null
  readonly names = machineNames
  readonly nameServers: readonly string[] = []
  readonly searchDomains: readonly string[] = []
  readonly description = "on the operating system's own sockets"
  /** It does not go away. */
  readonly lost: Promise<never> = new Promise(() => {})

  get speaksIpv6(): boolean {
    return existsSync('/proc/net/if_inet6')
  }

  interfaceIndex(name: string): number | null {
    return os.interfaceIndex(name) || null
  }

  interfaceName(index: number): string | null {
    return os.interfaceName(index)
  }

  async linkUp(): Promise<boolean> {
    return true
  }

  async linkUpOrTold(): Promise<boolean> {
    return true
  }

  async ready(): Promise<boolean> {
    return true
  }

  async readyOrTold(): Promise<void> {}

  close(): void {}
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
