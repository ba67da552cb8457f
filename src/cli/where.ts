import { IpAddress } from '../base/ip-address.ts'
import { linkOf, onLink, placeOnLink } from './link-address.ts'
import { UsageError } from './usage-error.ts'
import { WHERE_EXAMPLE } from './where-example.ts'

/** How a stack is joined to the machine's network: what `--on` says. */
export interface Where {
  /** What gave the text, for errors. */
  readonly source: WhereSource
  readonly kind: 'tap' | 'tun'
  readonly name: string
  /** "10.0.0.2/24", "2001:db8::2/64" */
  readonly addresses: readonly string[]
  /** One of each family at most. */
  readonly gateways: readonly string[]
  /** 'auto': routers on the link say what IPv6 addresses there are. */
  readonly ipv6: 'none' | 'static' | 'auto'
  /** A DHCP server on the link says what IPv4 address there is, and the rest. */
  readonly dhcp: boolean
  /** Both of these, and one family is enough. */
  readonly either: boolean
  /** Whether IPv6 addresses are asked for before they are used. */
  readonly dad: boolean
  readonly mtu: number | null
  readonly offloads: boolean
  /** Microseconds; null: the device's own default. */
  readonly busyPoll: number | null
  /** The text of `impair=`, settings joined by "+"; '' for none. */
  readonly impairment: string
}

/** What gives such a text: an option of the command, or a variable of the environment. */
export interface WhereSource {
  /** "--on" */
  readonly name: string
  /** What may be written there besides, for people: "os". */
  readonly besides: string
}

const ON: WhereSource = { name: '--on', besides: 'os' }

/** The most that the device takes. */
const BUSY_POLL_MAX = 1_000_000

export const WHERE_SYNTAX =
  'tap:NAME,ADDRESS/PREFIX[,ADDRESS/PREFIX …][,via GATEWAY …][,auto][,dhcp][,ipv6=auto][,dad=off][,mtu=N][,offload=off][,busy-poll=MICROSECONDS][,impair=loss=3%+delay=10ms]'

/** What `--on` says; `command`, which cannot do without it, is for the error. */
export function requireWhere(text: string | undefined, command: string): Where {
  if (text?.trim() === 'os') {
    throw new UsageError(
      `--on os: ${command} needs links of its own, and those of the operating system are not ours: write --on ${WHERE_EXAMPLE}`,
    )
  }
  if (text !== undefined) return parseWhere(text)
  throw new UsageError(
    `${command} needs --on, which says where the stack is joined to the kernel's network, such as --on ${WHERE_EXAMPLE}`,
  )
}

/** Reads what `--on`, or another `source`, was given. Throws a UsageError that names the part that is wrong. */
export function parseWhere(text: string, source: WhereSource = ON): Where {
  const on = source.name
  const parts = text.split(',').map((part) => part.trim())
  const [kind, name] = splitAt(parts[0] as string, ':')
  if ((kind !== 'tap' && kind !== 'tun') || name === null) {
    throw new UsageError(
      `${on} ${JSON.stringify(text)} must begin with tap:NAME or tun:NAME, or be ${source.besides} (${WHERE_SYNTAX})`,
    )
  }
  if (name === '') throw new UsageError(`${on} ${JSON.stringify(text)} names no interface (${WHERE_SYNTAX})`)
  const addresses: string[] = []
  const gateways: string[] = []
  let auto = false
  let dhcp = false
  let either = false
  let dad = true
  let mtu: number | null = null
  let offloads = true
  let busyPoll: number | null = null
  let impairment = ''
  for (const part of parts.slice(1)) {
    const [key, value] = splitAt(part, '=')
    const via = /^via\s+(.*)$/.exec(part)
    if (via !== null) {
      const gateway = parseGateway(on, via[1] as string)
      const other = gateways.find((one) => one.includes(':') === gateway.includes(':'))
      if (other !== undefined) throw new UsageError(`${on} has two gateways, ${other} and ${gateway}; write one`)
      gateways.push(gateway)
    } else if (part === 'dhcp') dhcp = true
    else if (part === 'auto') either = true
    else if (value === null) addresses.push(parseAddress(on, part))
    else if (key === 'mtu') mtu = parseMtu(on, value)
    else if (key === 'ipv6') auto = parseIpv6(on, value)
    else if (key === 'dad') dad = parseSwitch(on, key, value)
    else if (key === 'offload') offloads = parseSwitch(on, key, value)
    else if (key === 'busy-poll') busyPoll = parseBusyPoll(on, value)
    else if (key === 'impair') impairment = value
    else
      throw new UsageError(
        `${on} has no option ${JSON.stringify(key)}; it has ipv6, dad, mtu, offload, busy-poll and impair`,
      )
  }
  if (either && addresses.length > 0) {
    throw new UsageError(
      `${on} has auto and ${addresses[0]} besides; write one of them, or dhcp or ipv6=auto for the other family`,
    )
  }
  if (dhcp || either) checkDhcp(on, kind, [...addresses, ...gateways], either ? 'auto' : 'dhcp')
  auto ||= either
  dhcp ||= either
  if (addresses.length === 0 && !auto && !dhcp) {
    throw new UsageError(
      `${on} ${JSON.stringify(text)} gives the stack no address, such as 10.0.0.2/24 (${WHERE_SYNTAX})`,
    )
  }
  const twice = addresses.find((address, i) => addresses.indexOf(address) < i)
  if (twice !== undefined) throw new UsageError(`${on} has ${twice} twice; write it once`)
  for (const gateway of gateways) checkGateway(on, gateway, addresses, auto)
  const ipv6 = auto ? 'auto' : addresses.some((address) => address.includes(':')) ? 'static' : 'none'
  return { source, kind, name, addresses, gateways, ipv6, dhcp, either, dad, mtu, offloads, busyPoll, impairment }
}

/** It says all there is of IPv4; and hosts are known to it by their hardware addresses. */
function checkDhcp(on: string, kind: Where['kind'], written: readonly string[], word: 'dhcp' | 'auto'): void {
  if (kind === 'tun')
    throw new UsageError(`${on} has ${word} on a TUN, which has no hardware address: write tap:NAME,${word}`)
  const own = written.find((text) => !text.includes(':'))
  if (own !== undefined) throw new UsageError(`${on} has ${word} and ${own} besides; write one of them`)
}

function parseBusyPoll(on: string, value: string): number {
  const microseconds = Number(value)
  if (value === '' || !Number.isInteger(microseconds) || microseconds < 0 || microseconds > BUSY_POLL_MAX) {
    throw new UsageError(
      `${on} busy-poll must be an integer from 0 (off) to ${BUSY_POLL_MAX} microseconds, got ${value}`,
    )
  }
  return microseconds
}

function splitAt(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function parseAddress(on: string, text: string): string {
  const [address, prefix] = splitAt(text, '/')
  const ip = IpAddress.parse(address)
  const longest = ip === null || ip.isV4 ? 32 : 128
  if (ip === null || prefix === null || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) {
    throw new UsageError(
      `${on} has ${JSON.stringify(text)} where an address with its prefix belongs, such as 10.0.0.2/24 or 2001:db8::2/64`,
    )
  }
  const fault = noHost(ip, text)
  if (fault !== '') {
    throw new UsageError(`${on} has ${text}, ${fault}, which no host can have; write one such as 10.0.0.2/24`)
  }
  return text
}

/** What kind of address this is if no host on a link can have it; ''. */
function noHost(ip: IpAddress, text: string): string {
  if (ip.isLoopback) return 'a loopback address'
  if (ip.isMulticast) return 'a multicast address'
  if (!ip.isV4) return ip.isUnspecified ? 'no address' : ''
  if (ip.isLimitedBroadcast) return 'the broadcast address'
  // RFC 1122 3.2.1.3 (a) and (b): "this host" on "this network".
  if (ip.d >>> 24 === 0) return 'an address of "this network" (0.0.0.0/8)'
  const place = placeOnLink(ip, linkOf(text))
  return place === 'network' || place === 'broadcast' ? `the ${place} address of its prefix` : ''
}

function parseGateway(on: string, text: string): string {
  const ip = IpAddress.parse(text)
  if (ip === null) {
    throw new UsageError(`${on} has ${JSON.stringify(text)} for a gateway; write an address, such as via 10.0.0.1`)
  }
  return ip.toString()
}

function checkGateway(on: string, gateway: string, addresses: readonly string[], auto: boolean): void {
  const ip = IpAddress.parse(gateway) as IpAddress
  // A router is known by its address on the link: every interface has one there.
  if (!ip.isV4 && ip.isLinkLocal && (auto || addresses.some((address) => address.includes(':')))) return
  const link = addresses.map(linkOf).find((one) => onLink(ip, one))
  if (link === undefined) {
    throw new UsageError(
      `${on} has the gateway ${gateway}, which is not on the link: write one that is in ${addresses.join(' or ')}`,
    )
  }
  const place = placeOnLink(ip, link)
  if (place === 'network' || place === 'broadcast') {
    throw new UsageError(`${on} has the gateway ${gateway}, the ${place} address of the link: write that of a host`)
  }
  if (addresses.some((text) => linkOf(text).address.equals(ip))) {
    throw new UsageError(
      `${on} has the gateway ${gateway}, which is the stack's own address: write that of its neighbour`,
    )
  }
}

function parseIpv6(on: string, text: string): boolean {
  if (text !== 'auto')
    throw new UsageError(`${on} has ipv6=${text}; write ipv6=auto, or the IPv6 address there is to be`)
  return true
}

function parseMtu(on: string, text: string): number {
  const mtu = Number(text)
  if (!/^\d+$/.test(text) || mtu < 68 || mtu > 65535) {
    throw new UsageError(`${on} has mtu=${text}; an MTU is a number from 68 to 65535`)
  }
  return mtu
}

function parseSwitch(on: string, key: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`${on} has ${key}=${text}; write ${key}=on or ${key}=off`)
  return text === 'on'
}
