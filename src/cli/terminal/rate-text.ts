const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** "12.3 MB": octets, in steps of a thousand, three digits. */
export function octetsShort(octets: number): string {
  let value = octets
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}
