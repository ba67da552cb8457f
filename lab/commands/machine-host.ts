import type { IpAddress } from '../../src/base/ip-address.ts'
import { ReadyHost } from '../../src/cli/ready-host.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import type { FoundHost, NameSystem, WantedFamilies } from '../../src/services/names/name-system.ts'
import { machine } from './machine.ts'

/** Names as a host of the lab knows them: by its table of hosts. */
class TableOfHosts implements NameSystem {
  readonly #table = new HostsFile(machine.hosts)

  async lookup(node: string, wanted: WantedFamilies): Promise<FoundHost> {
    const found = this.#table.lookup(node)
    const of = (isV4: boolean) => found.map(({ address }) => address).filter((address) => address.isV4 === isV4)
    const v4 = wanted.v4 ? of(true) : []
    const v6 = wanted.v6 ? of(false) : []
    const code = v4.length + v6.length > 0 ? null : 'EAI_NONAME'
    return { v4, v6, canonicalName: found[0]?.canonicalName ?? node, code }
  }

  async nameOf(ip: IpAddress): Promise<string | null> {
    return this.#table.nameOf(ip)
  }
}

/** The host of the lab that a command runs on, as the operating system is on a machine. */
export class MachineHost extends ReadyHost {
  readonly provider = machine.provider
  readonly names: NameSystem = new TableOfHosts()
  readonly speaksIpv6 = machine.speaksIpv6
  readonly description = `on ${machine.name}`

  interfaceIndex(name: string): number | null {
    return machine.stack.interfaces.find((one) => one.name === name)?.index ?? null
  }

  interfaceName(index: number): string | null {
    return machine.stack.interfaces.find((one) => one.index === index)?.name ?? null
  }
}
