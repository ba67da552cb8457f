// Read first: RFC 4191 section 2.1.

/** How much a router, or a route by way of it, is to be preferred: −1 is low, 0 medium, 1 high. */
export type RouterPreference = -1 | 0 | 1

/** The preference in an octet of flags, whose bits 3 and 4 it takes; null where it is the reserved value. */
export function preferenceOf(flags: number): RouterPreference | null {
  const bits = (flags >>> 3) & 3
  if (bits === 0) return 0
  if (bits === 1) return 1
  return bits === 3 ? -1 : null
}

/** The bits of a preference where they lie in an octet of flags. */
export function preferenceBits(preference: RouterPreference): number {
  return (preference & 3) << 3
}
