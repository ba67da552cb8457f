import { IpAddress } from '../base/ip-address.ts'
import { UsageError } from './usage-error.ts'

/** How a stack of the command is joined to the machine's network: what `--on` says. */
export interface Where {
  readonly kind: 'tap' | 'tun'
  readonly name: string
  /** "10.0.0.2/24" */
  readonly addresses: readonly string[]
  readonly gateway: string | null
  readonly mtu: number | null
  readonly offloads: boolean
  /** The text of `impair=`, settings joined by "+"; '' for none. */
  readonly impairment: string
}

export const WHERE_SYNTAX = 'tap:NAME,ADDRESS/PREFIX[,via GATEWAY][,mtu=N][,offload=off][,impair=loss=3%+delay=10ms]'

/** Reads what `--on` was given. Throws a UsageError that names the part that is wrong. */
export function parseWhere(text: string): Where {
  const parts = text.split(',').map((part) => part.trim())
  const [kind, name] = splitAt(parts[0] as string, ':')
  if ((kind !== 'tap' && kind !== 'tun') || name === null) {
    throw new UsageError(`--on ${JSON.stringify(text)} must begin with tap:NAME or tun:NAME (${WHERE_SYNTAX})`)
  }
  if (name === '') throw new UsageError(`--on ${JSON.stringify(text)} names no interface (${WHERE_SYNTAX})`)
  const addresses: string[] = []
  let gateway: string | null = null
  let mtu: number | null = null
  let offloads = true
  let impairment = ''
  for (const part of parts.slice(1)) {
    const [key, value] = splitAt(part, '=')
    const via = /^via\s+(.*)$/.exec(part)
    if (via !== null) gateway = parseGateway(via[1] as string)
    else if (value === null) addresses.push(parseAddress(part))
    else if (key === 'mtu') mtu = parseMtu(value)
    else if (key === 'offload') offloads = parseSwitch(key, value)
    else if (key === 'impair') impairment = value
    else throw new UsageError(`--on has no option ${JSON.stringify(key)}; it has mtu, offload and impair`)
  }
  if (addresses.length === 0) {
    throw new UsageError(
      `--on ${JSON.stringify(text)} gives the stack no address, such as 10.0.0.2/24 (${WHERE_SYNTAX})`,
    )
  }
  return { kind, name, addresses, gateway, mtu, offloads, impairment }
}

function splitAt(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function parseAddress(text: string): string {
  const [address, prefix] = splitAt(text, '/')
  const ip = IpAddress.parse(address)
  const longest = ip?.isV4 === false ? 128 : 32
  if (ip === null || prefix === null || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) {
    throw new UsageError(
      `--on has ${JSON.stringify(text)} where an address with its prefix belongs, such as 10.0.0.2/24`,
    )
  }
  return text
}

function parseGateway(text: string): string {
  if (IpAddress.parse(text) === null) {
    throw new UsageError(`--on has ${JSON.stringify(text)} for a gateway; write an address, such as via 10.0.0.1`)
  }
  return text
}

function parseMtu(text: string): number {
  const mtu = Number(text)
  if (!/^\d+$/.test(text) || mtu < 68 || mtu > 65535) {
    throw new UsageError(`--on has mtu=${text}; an MTU is a number from 68 to 65535`)
  }
  return mtu
}

function parseSwitch(key: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`--on has ${key}=${text}; write ${key}=on or ${key}=off`)
  return text === 'on'
}
