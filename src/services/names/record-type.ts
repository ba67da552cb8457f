// Read first: RFC 1035 section 3.2.2, RFC 3597 section 5, and IANA's registry of DNS parameters for the numbers.

const numbers: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  NULL: 10,
  HINFO: 13,
  PTR: 12,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  KEY: 25,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  URI: 256,
  CAA: 257,
}

const names = new Map<number, string>(Object.entries(numbers).map(([name, number]) => [number, name]))

/**
 * What a type of records is called; one that has no name here, by its number.
 *
 * Source: RFC 3597 section 5.
 *
 * ```ts
 * typeName(28) // 'AAAA'
 * typeName(65280) // 'TYPE65280'
 * ```
 */
export function typeName(number: number): string {
  return names.get(number) ?? `TYPE${number}`
}

/**
 * The number of a type of records, in letters of any case. Throws a RangeError where there is no such type.
 *
 * Source: RFC 3597 section 5.
 *
 * ```ts
 * typeNumber('aaaa') // 28
 * typeNumber('TYPE65280') // 65280
 * ```
 */
export function typeNumber(name: string): number {
  const known = numbers[name.toUpperCase()]
  if (known !== undefined) return known
  const number = /^TYPE(\d{1,5})$/i.exec(name)
  if (number === null || Number(number[1]) > 65535) throw new RangeError(`there is no record type ${name}`)
  return Number(number[1])
}

const responseNames = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
] as const
const moreResponseNames = ['NXRRSET', 'NOTAUTH', 'NOTZONE'] as const

/**
 * What the code of an answer is called, as dig says it.
 *
 * Source: RFC 6895 section 2.3.
 *
 * ```ts
 * responseName(NXDOMAIN) // 'NXDOMAIN'
 * responseName(99) // 'RESERVED99'
 * ```
 */
export function responseName(rcode: number): string {
  if (rcode === 16) return 'BADVERS'
  return responseNames[rcode] ?? moreResponseNames[rcode - responseNames.length] ?? `RESERVED${rcode}`
}
