// Read first: getaddrinfo(3), dns.lookup in Node's manual: getaddrinfo(3) of the C library, in a thread of libuv's pool. What it knows
// is what every program of the machine knows: nsswitch.conf(5), /etc/hosts, mDNS, search lists.

import { lookup, lookupService } from 'node:dns/promises'
import { IpAddress } from '../base/ip-address.ts'
import type { FoundHost, NameSystem } from '../services/names/name-system.ts'
import { Names } from '../services/names/names.ts'
import type { AddressInfoCode } from '../services/names/netdb.ts'
import type { Provider } from '../socket/provider.ts'

/** Who knows which number the interfaces of a machine have. */
interface InterfaceTable {
  interfaceIndex(name: string): number
  interfaceName(index: number): string | null
}

/** The machine's own names. */
export const machineNames: NameSystem = {
  async lookup(node, { v4, v6 }, { signal }) {
    const nothing = (code: AddressInfoCode, cause: unknown): FoundHost => {
      return { v4: [], v6: [], canonicalName: node, code, cause }
    }
    // A thread of the pool cannot be called back: whoever gives up waits no more, and its answer is dropped.
    const work = lookup(node, { all: true, verbatim: true, family: v4 && v6 ? 0 : v4 ? 4 : 6 })
    try {
      const found = (await unlessAborted(work, signal)).map(({ address }) => IpAddress.parse(withoutZone(address)))
      const addresses = found.filter((one) => one !== null)
      const of = (wanted: boolean, isV4: boolean) => (wanted ? addresses.filter((one) => one.isV4 === isV4) : [])
      return { v4: of(v4, true), v6: of(v6, false), canonicalName: node, code: null }
    } catch (error) {
      if (signal?.aborted === true) throw error
      return nothing(codeOf(error), error)
    }
  },

  async nameOf(ip, signal) {
    try {
      const { hostname } = await unlessAborted(lookupService(ip.toString(), 0), signal)
      return hostname
    } catch (error) {
      if (signal?.aborted === true) throw error
      return null
    }
  },
}

/**
 * The names of the machine, for sockets of `provider`: what `getaddrinfo`, `getnameinfo` and `connect` of C programs there know.
 * Nothing blocks meanwhile.
 *
 * ```ts
 * const socket = await systemNames(os).connect('localhost', 'http')
 * ```
 */
export function systemNames(provider: Provider): Names {
  const table = provider as Provider & Partial<InterfaceTable>
  return new Names(provider, {
    system: machineNames,
    interfaceIndex: (name) => table.interfaceIndex?.(name) || null,
    interfaceName: (index) => table.interfaceName?.(index) ?? null,
  })
}

// What the C library calls EAI_NODATA and EAI_NONAME Node calls ENOTFOUND.
function codeOf(error: unknown): AddressInfoCode {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return 'EAI_NONAME'
  return code === 'EAI_AGAIN' ? 'EAI_AGAIN' : 'EAI_FAIL'
}

function withoutZone(address: string): string {
  const at = address.indexOf('%')
  return at < 0 ? address : address.slice(0, at)
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  // Nobody may be left to hear that it failed.
  work.catch(() => {})
  if (signal === undefined) return work
  signal.throwIfAborted()
  let stop: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
