import type { IpAddress } from '../../base/ip-address.ts'
import type { AddressInfoCode } from './netdb.ts'

/** Addresses of a host, or why there are none. */
export interface FoundHost {
  readonly v4: readonly IpAddress[]
  readonly v6: readonly IpAddress[]
  /** The interface on whose link its link-local addresses are, where that is known. */
  readonly ifindex?: number
  readonly canonicalName: string
  /** Null where there are addresses. */
  readonly code: AddressInfoCode | null
  readonly cause?: unknown
}

export interface WantedFamilies {
  readonly v4: boolean
  readonly v6: boolean
}

/** How a lookup waits: see `AddressInfoHints`. */
export interface LookupWaiting {
  readonly signal?: AbortSignal | undefined
  readonly patience?: number
}

/** Somebody else who knows names, with tables and servers of his own: the system that a program runs on. */
export interface NameSystem {
  /** The addresses of a host, or why there are none. Rejects only where `waiting.signal` is aborted. */
  lookup(node: string, wanted: WantedFamilies, waiting: LookupWaiting): Promise<FoundHost>
  /** The name of an address; null where it has none. */
  nameOf(ip: IpAddress, signal?: AbortSignal): Promise<string | null>
}
