import { IpAddress } from '../../base/ip-address.ts'
import { prefixMatches, wordMask } from '../ip/routing-table.ts'
import type { AddressProbe } from './address-probe.ts'

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
