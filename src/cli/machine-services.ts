// Read first: services(5).

import { readFileSync } from 'node:fs'
import { ServiceTable } from '../services/names/service-table.ts'

let services: ServiceTable | null = null

/** What the machine's table of services says, or the usual one where it has none. */
export function machineServices(): ServiceTable {
  services ??= readServices()
  return services
}

function readServices(): ServiceTable {
  try {
    return new ServiceTable(readFileSync('/etc/services', 'utf8'))
  } catch {
    return new ServiceTable()
  }
}
