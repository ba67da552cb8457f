import { given } from '../base/argument.ts'
import { crc32 } from '../wire/crc32.ts'
import { hardwareAddressText } from '../wire/describe-layer.ts'

/** Throws where `address` is not six octets of one host: no group, not all zeros. */
export function checkHardwareAddress(name: string, address: unknown): asserts address is Uint8Array {
  if (!(address instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array, got ${given(address)}`)
  if (address.length !== 6) throw new RangeError(`${name} must have 6 octets, got ${address.length}`)
  if (((address[0] as number) & 1) !== 0 || address.every((octet) => octet === 0)) {
    throw new RangeError(`${name} must be the address of one host, got ${hardwareAddressText(address, 0)}`)
  }
}

/**
 * A hardware address made of a name, the same for the same name. IEEE 802c: the second bit of the first octet is set, locally
 * administered; the last is clear, an individual address.
 */
export function deriveHardwareAddress(name: string): Uint8Array {
  const text = new TextEncoder().encode(name)
  const sum = crc32(text, 0, text.length)
  return Uint8Array.of(0x02, 0x4b, sum >>> 24, sum >>> 16, sum >>> 8, sum)
}
