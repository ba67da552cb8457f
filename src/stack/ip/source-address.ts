// Read first: RFC 6724 section 5.

import { commonPrefixLength, labelOf, scopeOf } from '../../base/address-policy.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { InterfaceAddress } from '../link/interface-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/**
 * The IPv6 address to send from to `destination` through `out`: of those of `out`, and for wider scopes of the other interfaces too,
 * the best by the rules of RFC 6724 section 5. null where there is none.
 */
export function sourceAddressFor(stack: LeanStack, out: NetworkInterface, destination: IpAddress): IpAddress | null {
  // Section 4: what is for one link, or for many, is sent from an address of that link.
  const onlyOut = destination.isMulticast || destination.isLinkLocal
  let best: InterfaceAddress | null = null
  let bestOut = false
  for (const networkInterface of stack.interfaces) {
    if (networkInterface !== out && (onlyOut || networkInterface === stack.loopback)) continue
    for (const own of networkInterface.addresses) {
      if (own.tentative || own.address.isV4) continue
      // An address of another link means nothing beyond that.
      if (networkInterface !== out && own.address.isLinkLocal) continue
      const isOut = networkInterface === out
      if (best === null || better(own, isOut, best, bestOut, destination)) {
        best = own
        bestOut = isOut
      }
    }
  }
  return best === null ? null : best.address
}

// Whether `x` is to be preferred to `y`, which was there before.
function better(
  x: InterfaceAddress,
  xOut: boolean,
  y: InterfaceAddress,
  yOut: boolean,
  destination: IpAddress,
): boolean {
  // Rule 1: the same address.
  if (x.address.equals(destination) !== y.address.equals(destination)) return x.address.equals(destination)
  // Rule 2: appropriate scope.
  const xScope = scopeOf(x.address)
  const yScope = scopeOf(y.address)
  const scope = scopeOf(destination)
  if (xScope !== yScope) return xScope < yScope ? xScope >= scope : yScope < scope
  // Rule 3: avoid deprecated addresses.
  if (x.deprecated !== y.deprecated) return y.deprecated
  // Rule 5: the outgoing interface.
  if (xOut !== yOut) return xOut
  // Rule 6: matching label.
  const label = labelOf(destination)
  const xLabel = labelOf(x.address) === label
  if (xLabel !== (labelOf(y.address) === label)) return xLabel
  // Rule 7: temporary addresses.
  if (x.temporary !== y.temporary) return x.temporary
  // Rule 8: longest matching prefix, of the prefix of the address at most.
  const xLength = Math.min(commonPrefixLength(x.address, destination), x.prefixLength)
  const yLength = Math.min(commonPrefixLength(y.address, destination), y.prefixLength)
  return xLength > yLength
}
