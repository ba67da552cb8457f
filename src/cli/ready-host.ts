import type { NameSystem } from '../services/names/name-system.ts'
import type { Provider } from '../socket/provider.ts'
import type { Host } from './host.ts'

/** A host that was there before, and stays: nothing is waited for, nothing told by its network, nothing to be closed. */
export abstract class ReadyHost implements Host {
  abstract readonly provider: Provider
  abstract readonly names: NameSystem
  abstract readonly speaksIpv6: boolean
  abstract readonly description: string
  readonly stack = null
  readonly where = null
  readonly nameServers: readonly string[] = []
  readonly searchDomains: readonly string[] = []
  readonly lost: Promise<never> = new Promise(() => {})

  abstract interfaceIndex(name: string): number | null
  abstract interfaceName(index: number): string | null

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
