import { IpAddress } from '../../base/ip-address.ts'
import { prefixMatches, wordMask } from '../../base/prefix.ts'
import type { DuplicateAddressDetection } from '../nd/duplicate-address-detection.ts'
import type { AddressProbe } from './address-probe.ts'

/** Who makes addresses, and another one where one cannot be had. */
export interface AddressOrigin {
  /** Nobody else has it: it is used from now on. */
  accepted(entry: InterfaceAddress): void
  /** Another host has it; it has been removed. Returns whether another is tried in its place. */
  refused(entry: InterfaceAddress): boolean
  /** It has been removed, by whomever. */
  dropped(entry: InterfaceAddress): void
}

/** An address of ours: addresses belong to interfaces, not to hosts. */
export class InterfaceAddress {
  readonly address: IpAddress
  /** Bits of the prefix, of 128. */
  readonly prefixLength: number
  /** The broadcast address of the subnet; null where it has none (a host or a pair: RFC 3021; IPv6). */
  readonly broadcast: IpAddress | null
  /** Being probed for (RFC 5227): not ours yet, neither answered for nor used. */
  tentative = false
  /** The probing, for as long as it or the announcing lasts. */
  probe: AddressProbe | null = null
  /** Asking whether it is anybody else's (RFC 4862 section 5.4), for as long as that lasts. */
  detection: DuplicateAddressDetection | null = null
  /** Who made it, and is told what becomes of it; null: it was given by hand. */
  origin: AddressOrigin | null = null
  /** Whether addresses with its prefix are on the link: so it is where somebody gave both together. */
  prefixOnLink = true
  /** Used for a while, to be harder to follow (RFC 8981); source selection prefers these. */
  temporary = false
  /** Still ours, but not to begin anything new with: RFC 4862 section 5.5.4. */
  deprecated = false
  /** Until when it is preferred, and is ours at all: milliseconds of the stack's clock; Infinity: for ever. */
  preferredUntil: number = Number.POSITIVE_INFINITY
  validUntil: number = Number.POSITIVE_INFINITY
  /** When we last told another host that it is ours. */
  defended = false
  defendedAt = 0

  constructor(address: IpAddress, prefixLength: number) {
    this.address = address.copy()
    this.prefixLength = prefixLength
    this.broadcast =
      address.isV4 && prefixLength >= 96 && prefixLength < 127
        ? IpAddress.v4(address.d | ~wordMask(prefixLength - 96))
        : null
  }

  /** Whether `other` is on the same subnet. */
  contains(other: IpAddress): boolean {
    return prefixMatches(other, this.address, this.prefixLength)
  }
}
