// Read first: RFC 8415 sections 10, 11 and 21, RFC 3646.
//
// What the values of options say. Each is null where it is not what it should be: these come from anybody on the link.
//
//    IA_NA    IAID (32), T1 (32), T2 (32), options
//    IAADDR   address (128), preferred lifetime (32), valid lifetime (32), options
//    status   code (16), text

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'
import { searchListOf } from './dhcp-values.ts'
import {
  DHCP6_IAADDR,
  DHCP6_STATUS_CODE,
  type Dhcp6Option,
  dhcp6OptionsOctets,
  dhcp6Value,
  readDhcp6Options,
} from './dhcp6-options.ts'
import { readIpv6Address, writeIpv6Address } from './ipv6.ts'

/** RFC 8415 section 7.7: for ever. */
export const DHCP6_INFINITE = 0xffffffff

export const STATUS_SUCCESS = 0
export const STATUS_UNSPEC_FAIL = 1
export const STATUS_NO_ADDRS_AVAIL = 2
export const STATUS_NO_BINDING = 3
export const STATUS_NOT_ON_LINK = 4
export const STATUS_USE_MULTICAST = 5
export const STATUS_NO_PREFIX_AVAIL = 6

const ADDRESS_LENGTH = 16
const IA_LENGTH = 12
const IA_TA_LENGTH = 4
const IAADDR_LENGTH = 24
/** Section 11.1: the type and up to 128 octets. */
const DUID_LEAST = 3
const DUID_MOST = 130
const POINTER_BITS = 0xc0

/** An association of addresses: those, and how it went. Times are seconds. */
export interface IdentityAssociation {
  readonly iaid: number
  readonly t1: number
  readonly t2: number
  readonly addresses: readonly AssociatedAddress[]
  /** STATUS_SUCCESS where nothing is said. */
  readonly status: number
}

export interface AssociatedAddress {
  readonly address: IpAddress
  readonly preferred: number
  readonly valid: number
}

/** Whether it can be what a client or server is known by. */
export function isDuid(value: Uint8Array): boolean {
  return value.length >= DUID_LEAST && value.length <= DUID_MOST
}

/** An IA_NA. Addresses that are preferred for longer than they are valid are left out (section 21.6). */
export function associationOf(value: Uint8Array): IdentityAssociation | null {
  if (value.length < IA_LENGTH) return null
  const options = readDhcp6Options(value, IA_LENGTH, value.length)
  if (options === null) return null
  const status = statusOf(options)
  if (status === null) return null
  return {
    iaid: read32(value, 0) >>> 0,
    t1: read32(value, 4) >>> 0,
    t2: read32(value, 8) >>> 0,
    addresses: options.filter(({ code }) => code === DHCP6_IAADDR).flatMap((option) => addressOf(option.value) ?? []),
    status,
  }
}

function addressOf(value: Uint8Array): AssociatedAddress | null {
  if (value.length < IAADDR_LENGTH) return null
  const options = readDhcp6Options(value, IAADDR_LENGTH, value.length)
  // One that the server says it has failed with is none.
  if (options === null || statusOf(options) !== STATUS_SUCCESS) return null
  const address = new IpAddress()
  readIpv6Address(address, value, 0)
  const [preferred, valid] = [read32(value, 16) >>> 0, read32(value, 20) >>> 0]
  return preferred > valid ? null : { address, preferred, valid }
}

/** The number of an IA_TA or IA_PD: those are only refused. */
export function iaidOf(value: Uint8Array): number | null {
  return value.length < IA_TA_LENGTH ? null : read32(value, 0) >>> 0
}

/** How it went: STATUS_SUCCESS where nothing is said; null where the option is none. */
export function statusOf(options: readonly Dhcp6Option[]): number | null {
  const value = dhcp6Value(options, DHCP6_STATUS_CODE)
  if (value === null) return STATUS_SUCCESS
  return value.length < 2 ? null : read16(value, 0)
}

/** One address or more. */
export function ipv6AddressesOf(value: Uint8Array): IpAddress[] | null {
  if (value.length === 0 || value.length % ADDRESS_LENGTH !== 0) return null
  return Array.from({ length: value.length / ADDRESS_LENGTH }, (_, i) => {
    const address = new IpAddress()
    readIpv6Address(address, value, ADDRESS_LENGTH * i)
    return address
  })
}

/** The names of a domain list: section 10 forbids to compress them. */
export function domainListOf(value: Uint8Array): string[] | null {
  for (let at = 0; at < value.length; at += 1 + (value[at] as number)) {
    if ((value[at] as number) >= POINTER_BITS) return null
  }
  return searchListOf(value)
}

/** The codes that are asked for. */
export function requestedOf(value: Uint8Array): number[] | null {
  if (value.length % 2 !== 0) return null
  return Array.from({ length: value.length / 2 }, (_, i) => read16(value, 2 * i))
}

export function associationOctets(
  { iaid, t1, t2, addresses, status }: IdentityAssociation,
  reason = '',
): Uint8Array<ArrayBuffer> {
  const options: Dhcp6Option[] = addresses.map((address) => ({
    code: DHCP6_IAADDR,
    value: associatedAddressOctets(address),
  }))
  if (status !== STATUS_SUCCESS || reason !== '') {
    options.push({ code: DHCP6_STATUS_CODE, value: statusOctets(status, reason) })
  }
  const inner = dhcp6OptionsOctets(options)
  const value = new Uint8Array(IA_LENGTH + inner.length)
  write32(value, 0, iaid)
  write32(value, 4, t1)
  write32(value, 8, t2)
  value.set(inner, IA_LENGTH)
  return value
}

function associatedAddressOctets({ address, preferred, valid }: AssociatedAddress): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(IAADDR_LENGTH)
  writeIpv6Address(value, 0, address)
  write32(value, 16, preferred)
  write32(value, 20, valid)
  return value
}

/** `text` is of ASCII, for people. */
export function statusOctets(status: number, text: string): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(2 + text.length)
  write16(value, 0, status)
  for (let i = 0; i < text.length; i++) value[2 + i] = text.charCodeAt(i)
  return value
}

export function ipv6AddressOctets(...addresses: readonly IpAddress[]): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(ADDRESS_LENGTH * addresses.length)
  addresses.forEach((address, i) => {
    writeIpv6Address(value, ADDRESS_LENGTH * i, address)
  })
  return value
}

export function requestedOctets(codes: readonly number[]): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(2 * codes.length)
  codes.forEach((code, i) => {
    write16(value, 2 * i, code)
  })
  return value
}
