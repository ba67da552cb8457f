// Read first: IEEE 802.3 clause 3.2.9 (the frame check sequence), RFC 1952 section 8 (the same polynomial, with a program).
//
// Eight octets a step ("slicing", Kounavis and Berry 2005): table k says what an octet does that lies k octets before the end
// of the step.

const POLYNOMIAL = 0xedb88320
const SLICES = 8

/** Octets of the frame check sequence behind an Ethernet frame. */
export const FRAME_CHECK_LENGTH = 4

const table = /* @__PURE__ */ makeTable()

function makeTable(): Int32Array {
  const made = new Int32Array(SLICES * 256)
  for (let octet = 0; octet < 256; octet++) {
    let value = octet
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
    made[octet] = value
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] as number
    made[i] = (before >>> 8) ^ (made[before & 255] as number)
  }
  return made
}

/**
 * The CRC-32 of `bytes[start, end)` as an int32. `before` is the CRC of what comes in front of it.
 *
 * ```ts
 * crc32(new TextEncoder().encode('123456789'), 0, 9) >>> 0 // 0xcbf43926
 * ```
 */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  let crc = ~before
  let i = start
  for (const last = end - 7; i < last; i += 8) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    crc =
      (table[1792 + (crc & 255)] as number) ^
      (table[1536 + ((crc >>> 8) & 255)] as number) ^
      (table[1280 + ((crc >>> 16) & 255)] as number) ^
      (table[1024 + (crc >>> 24)] as number) ^
      (table[768 + (bytes[i + 4] as number)] as number) ^
      (table[512 + (bytes[i + 5] as number)] as number) ^
      (table[256 + (bytes[i + 6] as number)] as number) ^
      (table[bytes[i + 7] as number] as number)
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] as number)) & 255] as number)
  return ~crc
}

/** Appends to the frame in `bytes[start, end)` its frame check sequence, as sent: the octet of the low bits first. */
export function writeFrameCheck(bytes: Uint8Array, start: number, end: number): void {
  const crc = crc32(bytes, start, end)
  bytes[end] = crc
  bytes[end + 1] = crc >>> 8
  bytes[end + 2] = crc >>> 16
  bytes[end + 3] = crc >>> 24
}

/** Whether the last four octets of `bytes[start, end)` are the frame check sequence of those before. */
export function frameCheckHolds(bytes: Uint8Array, start: number, end: number): boolean {
  // The CRC of a frame and its own CRC is always this remainder.
  return crc32(bytes, start, end) === 0x2144df1c
}
