// Who there is on the link of a fuzzed stack, and who there cannot be.

import { IpAddress } from '../../src/base/ip-address.ts'
import type { Chance } from '../../test/tcp/chance.ts'

function ip(text: string): IpAddress {
  const address = IpAddress.parse(text)
  if (address === null) throw new TypeError(`no address: ${text}`)
  return address
}

/** The stack's own hardware address: that of its device. */
export const OURS_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 1)
export const BROADCAST_HARDWARE = new Uint8Array(6).fill(0xff)

export const OURS_V4 = ip('192.0.2.1')
export const OURS_V6 = ip('2001:db8::1')
/** What the stack makes of its hardware address is not known beforehand: this one is given by hand. */
export const OURS_LINK_LOCAL = ip('fe80::1')
export const GIVEN_ADDRESSES: readonly string[] = ['192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64']

const GROUPS_V4 = ['224.0.0.1', '224.1.1.1', '224.1.1.2', '239.255.255.250', '224.0.0.22'].map(ip)
const GROUPS_V6 = ['ff02::1', 'ff02::1:ff00:1', 'ff02::2', 'ff02::16', 'ff0e::1', 'ff01::1'].map(ip)
export const JOINED_V4 = ip('224.1.1.1')
export const JOINED_V6 = ip('ff0e::1')

const ODD_V4 = ['0.0.0.0', '127.0.0.1', '255.255.255.255', '192.0.2.255', '192.0.2.0', '192.0.2.1', '240.0.0.1'].map(ip)
const ODD_V6 = ['::', '::1', '2001:db8::1', 'fe80::1', 'fe80::', '2001:db8::', '::ffff:192.0.2.2'].map(ip)

/** A host on the stack's link: there are `count` of each family. */
export function neighbourOf(version: 4 | 6, number: number): IpAddress {
  return version === 4 ? IpAddress.v4((0xc0000202 + number) | 0) : new IpAddress(0x20010db8, 0, 0, 2 + number)
}

/** Who sends: mostly one of few neighbours, sometimes anybody, seldom who cannot be. */
export function source(version: 4 | 6, chance: Chance): IpAddress {
  const kind = chance.below(20)
  if (kind < 14) return neighbourOf(version, chance.below(6))
  if (kind < 16) return neighbourOf(version, chance.below(200))
  if (kind < 18) return anybody(version, chance)
  if (version === 6 && kind === 18) return new IpAddress(0xfe800000 | 0, 0, 0, 2 + chance.below(6))
  return chance.oneIn(3) ? chance.pick(...groups(version)) : chance.pick(...(version === 4 ? ODD_V4 : ODD_V6))
}

function anybody(version: 4 | 6, chance: Chance): IpAddress {
  if (version === 4) return IpAddress.v4(chance.int32())
  return new IpAddress(0x20010db8 ^ chance.below(4), chance.below(4), chance.int32(), chance.int32())
}

function groups(version: 4 | 6): readonly IpAddress[] {
  return version === 4 ? GROUPS_V4 : GROUPS_V6
}

/** Whom it is sent to: mostly us. */
export function destination(version: 4 | 6, chance: Chance): IpAddress {
  const kind = chance.below(24)
  if (kind < 18) return version === 4 ? OURS_V4 : chance.oneIn(6) ? OURS_LINK_LOCAL : OURS_V6
  if (kind < 21) return chance.pick(...groups(version))
  if (kind < 22) return anybody(version, chance)
  return chance.pick(...(version === 4 ? ODD_V4 : ODD_V6))
}

export function group(version: 4 | 6, chance: Chance): IpAddress {
  return chance.oneIn(6) ? anybody(version, chance) : chance.pick(...groups(version))
}

/** Any address of the version, to be written into a message. */
export function any(version: 4 | 6, chance: Chance): IpAddress {
  switch (chance.below(4)) {
    case 0:
      return source(version, chance)
    case 1:
      return destination(version, chance)
    case 2:
      return group(version, chance)
    default:
      return anybody(version, chance)
  }
}
