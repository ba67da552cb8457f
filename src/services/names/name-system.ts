import type { IpAddress } from '../../base/ip-address.ts'
import type { FoundHost, LookupWaiting, WantedFamilies } from './host-lookup.ts'

/** Somebody else who knows names, with tables and servers of his own: the system that a program runs on. */
export interface NameSystem {
  /** The addresses of a host, or why there are none. Rejects only where `waiting.signal` is aborted. */
  lookup(node: string, wanted: WantedFamilies, waiting: LookupWaiting): Promise<FoundHost>
  /** The name of an address; null where it has none. */
  nameOf(ip: IpAddress, signal?: AbortSignal): Promise<string | null>
}
