// Read first: RFC 8415 section 11.

import { given } from '../../base/argument.ts'
import { HTYPE_ETHERNET } from '../../wire/dhcp.ts'
import { isDuid } from '../../wire/dhcp6-values.ts'

/** Made of a hardware address, with the time when, and without. */
const DUID_LLT = 1
const DUID_LL = 3
const LLT_ADDRESS_AT = 8
const LL_ADDRESS_AT = 4

/** The identifier of who has nothing but a hardware address to be known by: RFC 8415 section 11.4. */
export function hardwareDuid(hardwareAddress: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0, DUID_LL, 0, HTYPE_ETHERNET, ...hardwareAddress)
}

/** By what a server knows a client. */
export function duidKey(duid: Uint8Array): string {
  return Array.from(duid, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}

/** The key of the hardware address that an identifier was made of; null where it was made of something else. */
export function hardwareKeyOf(duid: Uint8Array): string | null {
  const type = ((duid[0] as number) << 8) | (duid[1] as number)
  if (type === DUID_LL) return `hardware ${duidKey(duid.subarray(LL_ADDRESS_AT))}`
  return type === DUID_LLT ? `hardware ${duidKey(duid.subarray(LLT_ADDRESS_AT))}` : null
}

/** The key that "02:00:00:00:00:01" is written for, or an identifier. Throws what names `name`. */
export function writtenDuidKey(name: string, client: unknown): string {
  if (client instanceof Uint8Array) {
    if (isDuid(client)) return duidKey(client)
    throw new RangeError(`${name} must be an identifier of 3 to 130 octets, got ${client.length}`)
  }
  return `hardware ${duidKey(readHardware(name, client))}`
}

/** An identifier as a program writes it: its octets, or the hardware address that it is made of. */
export function readDuid(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) return hardwareDuid(readHardware(name, value))
  if (isDuid(value)) return value.slice() as Uint8Array<ArrayBuffer>
  throw new RangeError(`${name} must be an identifier of 3 to 130 octets, got ${value.length}`)
}

function readHardware(name: string, text: unknown): Uint8Array {
  if (typeof text !== 'string')
    throw new TypeError(`${name} must be a hardware address or a Uint8Array, got ${given(text)}`)
  if (!/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(text)) {
    throw new RangeError(`${name} must be a hardware address such as 02:00:00:00:00:01, got ${given(text)}`)
  }
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16))
}
