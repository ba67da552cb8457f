// Read first: tcpdump(1). What a packet looks like in lines.

import { read16 } from '../../base/bytes.ts'
import { IPPROTO_TCP } from '../../base/constants.ts'
import { describeLayers, describeLine } from '../../wire/describe.ts'
import { hardwareAddressText, hexNumber } from '../../wire/describe-layer.ts'
import { ethernetLength, etherTypeText } from '../../wire/describe-link.ts'
import { CaptureHeaders } from './capture-headers.ts'
import { type OctetsForm, octetsText } from './capture-octets.ts'
import { CaptureTime } from './capture-time.ts'
import { RelativeSequence } from './relative-sequence.ts'

export interface PacketTextFlags {
  readonly verbose?: boolean
  readonly linkHeader?: boolean
  readonly quick?: boolean
  readonly absolute?: boolean
  /** How often -t stands there. */
  readonly time?: number
  /** Which of -x, -X and -A, and whether twice: with the Ethernet header. */
  readonly octets?: { readonly form: OctetsForm; readonly link: boolean } | null
}

export class PacketText {
  readonly #flags: PacketTextFlags
  readonly #time: CaptureTime
  readonly #relative = new RelativeSequence()
  readonly #headers = new CaptureHeaders()

  constructor(flags: PacketTextFlags) {
    this.#flags = flags
    this.#time = new CaptureTime(flags.time ?? 0)
  }

  /** `length` is that on the wire; `at` is in milliseconds since 1970; `place` stands in front of all but that: "eth0  Out ". */
  text(
    bytes: Uint8Array,
    start: number,
    end: number,
    medium: 'ethernet' | 'ip',
    length: number,
    at: number,
    place = '',
  ): string {
    const { linkHeader, verbose, octets } = this.#flags
    const link = linkHeader && medium === 'ethernet' ? linkText(bytes, start, end, length) : ''
    const line = this.#line(bytes, start, end, medium)
    // The link's header has said what it is.
    const shown = link === '' ? line : line.replace(/^(IP6?|ARP,) /, '')
    let text = `${this.#time.text(at)}${place}${link}${shown}\n`
    if (verbose) {
      for (const { layer, fields } of describeLayers(bytes, start, end, medium)) {
        text += `    ${layer}: ${fields.map(({ name, value }) => `${name} ${value}`).join(', ')}\n`
      }
    }
    if (octets !== null && octets !== undefined) {
      const header = octets.link || medium === 'ip' ? 0 : Math.max(ethernetLength(bytes, start, end), 0)
      text += octetsText(bytes, start + header, end, octets.form)
    }
    return text
  }

  #line(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip'): string {
    const { quick, absolute } = this.#flags
    const line = describeLine(bytes, start, end, medium)
    const headers = this.#headers
    headers.read(bytes, start, end, medium)
    if (quick) {
      return headers.protocol === IPPROTO_TCP ? line.replace(/: Flags \[.*, length (\d+)$/, ': tcp $1') : line
    }
    return absolute ? line : this.#relative.text(line, headers)
  }
}

/** "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: " */
function linkText(bytes: Uint8Array, start: number, end: number, length: number): string {
  const header = ethernetLength(bytes, start, end)
  if (header < 0) return ''
  const ends = `${hardwareAddressText(bytes, start + 6)} > ${hardwareAddressText(bytes, start)}`
  const tag = header > 14 ? `vlan ${read16(bytes, start + 14) & 0xfff}, ` : ''
  const type = read16(bytes, start + header - 2)
  const name = /\((.*)\)$/.exec(etherTypeText(type))?.[1] ?? 'Unknown'
  return `${ends}, ${tag}ethertype ${name} (${hexNumber(type, 4)}), length ${length}: `
}
