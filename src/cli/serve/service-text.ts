import { IpAddress } from '../../base/ip-address.ts'
import { CHARGEN_PORT } from '../../services/chargen.ts'
import { DAYTIME_PORT } from '../../services/daytime.ts'
import { DISCARD_PORT } from '../../services/discard.ts'
import { ECHO_PORT } from '../../services/echo.ts'
import { DOMAIN_PORT } from '../../services/names/server-address.ts'
import { UPPER_PORT } from '../../services/upper.ts'
import { DHCP_SERVER_PORT } from '../../wire/dhcp.ts'
import { DHCP6_SERVER_PORT } from '../../wire/dhcp6.ts'
import { UsageError } from '../usage-error.ts'
import { DHCP_SYNTAX, type DhcpSettings, parseDhcp } from './dhcp-service.ts'
import { DHCP6_SYNTAX, type Dhcp6Settings, parseDhcp6 } from './dhcp6-service.ts'
import { MDNS_PORT, MDNS_SYNTAX, type MdnsSettings, parseMdns } from './mdns-service.ts'
import { parseRa, RA_SYNTAX, type RaSettings } from './ra-service.ts'

const HTTP_PORT = 80

export const SERVICE_PORTS = {
  echo: ECHO_PORT,
  discard: DISCARD_PORT,
  chargen: CHARGEN_PORT,
  daytime: DAYTIME_PORT,
  upper: UPPER_PORT,
  http: HTTP_PORT,
  dns: DOMAIN_PORT,
  dhcp: DHCP_SERVER_PORT,
  dhcp6: DHCP6_SERVER_PORT,
  mdns: MDNS_PORT,
  // Messages of ICMPv6, which has no ports.
  ra: 0,
} as const

export type ServiceName = keyof typeof SERVICE_PORTS

export interface ServiceRequest {
  readonly name: ServiceName
  readonly port: number
  /** What http serves. */
  readonly directory: string | null
  /** Whom dns asks; none: nobody. */
  readonly servers?: readonly string[]
  /** What dhcp gives. */
  readonly dhcp?: DhcpSettings
  readonly dhcp6?: Dhcp6Settings
  /** What ra tells. */
  readonly ra?: RaSettings
  /** What mdns tells the link. */
  readonly mdns?: MdnsSettings
}

export const SERVICE_SYNTAX = `echo, discard, chargen, daytime, upper, http=DIRECTORY, or dns=SERVER[,SERVER], each with :PORT where another is wanted; or ${DHCP_SYNTAX}, ${DHCP6_SYNTAX}, ${RA_SYNTAX}, ${MDNS_SYNTAX}`

/** Reads "echo", "echo:7007", "http=DIR", "http:8080=DIR", "dns" or "dns=192.0.2.53". Throws a UsageError that names what is wrong. */
export function parseService(text: string): ServiceRequest {
  // "ra,managed": what needs no value of its own.
  const settings = /^(ra|dhcp6|mdns),/.exec(text)
  if (settings !== null) return parseService(text.replace(',', '='))
  const equals = text.indexOf('=')
  const before = equals < 0 ? text : text.slice(0, equals)
  const directory = equals < 0 ? null : text.slice(equals + 1)
  const colon = before.indexOf(':')
  const name = colon < 0 ? before : before.slice(0, colon)
  if (!Object.hasOwn(SERVICE_PORTS, name)) {
    throw new UsageError(`there is no service ${JSON.stringify(name)}; there are ${SERVICE_SYNTAX}`)
  }
  const service = name as ServiceName
  if (service === 'dhcp' || service === 'dhcp6' || service === 'ra' || service === 'mdns') {
    return parseConfiguring(service, colon >= 0, directory, text)
  }
  const port = colon < 0 ? SERVICE_PORTS[service] : parsePort(before.slice(colon + 1), text)
  if (service === 'dns') return { name: service, port, directory: null, servers: parseServers(directory, text) }
  if (service === 'http' && (directory === null || directory === '')) {
    throw new UsageError(`${JSON.stringify(text)} does not say which directory to serve: write ${before}=DIRECTORY`)
  }
  if (service !== 'http' && directory !== null) {
    throw new UsageError(`${JSON.stringify(text)}: only http serves a directory`)
  }
  return { name: service, port, directory }
}

const SYNTAX = { dhcp: DHCP_SYNTAX, dhcp6: DHCP6_SYNTAX, ra: RA_SYNTAX, mdns: MDNS_SYNTAX } as const

/** What hosts are configured by. */
function parseConfiguring(
  name: keyof typeof SYNTAX,
  hasPort: boolean,
  settings: string | null,
  text: string,
): ServiceRequest {
  const port = SERVICE_PORTS[name]
  const request = { name, port, directory: null }
  if (hasPort) {
    throw new UsageError(
      `${JSON.stringify(text)}: ${name} has no port${port === 0 ? '' : ` but ${port}`}; write ${SYNTAX[name]}`,
    )
  }
  if (name === 'dhcp') return { ...request, dhcp: parseDhcp(settings, text) }
  if (name === 'mdns') return { ...request, mdns: parseMdns(settings, text) }
  return name === 'dhcp6'
    ? { ...request, dhcp6: parseDhcp6(settings, text) }
    : { ...request, ra: parseRa(settings, text) }
}

/** Throws a UsageError where two services ask for one port. `texts` are what the services were read from. */
export function checkPorts(texts: readonly string[], requests: readonly ServiceRequest[]): void {
  requests.forEach(({ name, port, directory }, i) => {
    const first = requests.findIndex((other) => other.port === port)
    if (first === i) return
    if (port === 0) throw new UsageError(`there is ${name} twice; write one, with all prefixes: ra=PREFIX,PREFIX`)
    const before = (requests[first] as ServiceRequest).name
    if (name === before && Object.hasOwn(SYNTAX, name)) throw new UsageError(`there is ${name} twice; write one`)
    // Those that configure hosts have no other port.
    const movable = Object.hasOwn(SYNTAX, name) ? before : name
    const other = directory === null ? `${movable}:PORT` : `${movable}:PORT=${directory}`
    throw new UsageError(
      `${JSON.stringify(texts[first])} and ${JSON.stringify(texts[i])} both ask for port ${port}: give one another, such as ${other}`,
    )
  })
}

function parseServers(list: string | null, whole: string): readonly string[] {
  const servers = list === null ? [] : list.split(',')
  const wrong = servers.find((server) => IpAddress.parse(server.split('%')[0] as string) === null)
  if (wrong === undefined) return servers
  throw new UsageError(
    `${JSON.stringify(whole)} has ${JSON.stringify(wrong)} where the address of a name server belongs: write dns=192.0.2.53`,
  )
}

function parsePort(text: string, whole: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new UsageError(
      `${JSON.stringify(whole)} has port ${JSON.stringify(text)}; a port is a number from 1 to 65535`,
    )
  }
  return port
}
