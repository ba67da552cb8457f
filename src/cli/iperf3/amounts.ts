// Numbers as iperf3 writes them: octets by 1024, bits by 1000.

const LETTERS = ['', 'K', 'M', 'G', 'T']

/** What -f takes: bits a second in small letters, octets a second in large ones; null: what is short to read. */
export type RateUnit = 'k' | 'm' | 'g' | 't' | 'K' | 'M' | 'G' | 'T' | null

/** "1.22 MBytes" */
export function octetsText(octets: number): string {
  return scaled(octets, 1024, 'Bytes')
}

/** "9.76 Mbits/sec", or in the unit that is asked for. */
export function rateText(bitsPerSecond: number, unit: RateUnit): string {
  if (unit === null) return `${scaled(bitsPerSecond, 1000, 'bits')}/sec`
  const power = LETTERS.indexOf(unit.toUpperCase())
  const octets = unit === unit.toUpperCase()
  const value = octets ? bitsPerSecond / 8 / 1024 ** power : bitsPerSecond / 1000 ** power
  return `${short(value)} ${LETTERS[power]}${octets ? 'Bytes' : 'bits'}/sec`
}

function scaled(amount: number, step: number, name: string): string {
  let value = amount
  let power = 0
  while (value >= step && power < LETTERS.length - 1) {
    value /= step
    power++
  }
  return `${short(value)} ${LETTERS[power]}${name}`
}

/** Three digits, in four places. */
function short(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0).padStart(4)
}

const FACTORS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 }

/** Reads "10M": a number with a suffix that stands for a power of `step`; null where it is none. */
export function parseAmount(text: string, step: 1000 | 1024): number | null {
  const [, number, suffix = ''] = /^(\d+(?:\.\d*)?|\.\d+)([kmgt]?)$/i.exec(text) ?? []
  if (number === undefined) return null
  return Number(number) * step ** (FACTORS[suffix.toLowerCase()] ?? 0)
}
