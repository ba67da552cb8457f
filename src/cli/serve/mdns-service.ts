// Read first: RFC 6762, RFC 6763.

import { hostname, networkInterfaces } from 'node:os'
import { IpAddress } from '../../base/ip-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { MulticastNames, type ServiceOptions } from '../../services/names/multicast/multicast-names.ts'
import { MULTICAST_PORT } from '../../services/names/multicast/multicast-responder.ts'
import { checkLabel, checkServiceType } from '../../services/names/multicast/service-text.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'
import { eachSetting } from './service-setting.ts'

export const MDNS_PORT = MULTICAST_PORT
/** How often it is looked which addresses there are, in milliseconds. */
const LOOK = 1000
const LABEL_MAX = 63

/** A service that all of the link are told of; without `instance` it is called as the host is. */
export interface ToldService {
  readonly instance?: string
  readonly type: string
  readonly port: number
  readonly text: Readonly<Record<string, string | true>>
}

export interface MdnsSettings {
  /** The name of the host, without ".local"; null: that of this machine. */
  readonly host: string | null
  readonly services: readonly ToldService[]
}

export const MDNS_SYNTAX = 'mdns[=NAME][,service=[INSTANCE.]_TYPE._tcp|_udp:PORT][,txt=KEY[=VALUE]]'

/** Reads "server,service=Files._http._tcp:80,txt=path=/", or settings alone; `whole` is for errors. */
export function parseMdns(text: string | null, whole: string): MdnsSettings {
  let host: string | null = null
  const services: ToldService[] = []
  eachSetting(text, whole, MDNS_SYNTAX, (key, value, first) => {
    if (key === 'service') services.push(readService(value, whole))
    else if (key === 'txt') readText(services.at(-1), value, whole)
    else if (key === '' && first) host = readName(value, whole)
    else return false
    return true
  })
  return { host, services }
}

function readName(text: string, whole: string): string {
  const name = text.replace(/\.local$/i, '')
  if (/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(name)) return name
  throw new UsageError(
    `${JSON.stringify(whole)} has ${JSON.stringify(text)} where the name of a host belongs: write mdns=server, which is server.local then`,
  )
}

function readService(text: string, whole: string): ToldService {
  const [, instance, type = '', port = ''] = /^(?:(.*)\.)?(_[^.]*\._[^.:]*):(\d{1,5})$/.exec(text) ?? []
  try {
    checkServiceType(type)
    if (instance !== undefined) checkLabel('the instance', instance)
    if (port === '' || Number(port) > 65_535 || Number(port) === 0) throw new RangeError('no port')
  } catch {
    throw new UsageError(
      `${JSON.stringify(whole)} has service=${text}; write what it is and its port, such as service=_ssh._tcp:22 or service=Files._http._tcp:80`,
    )
  }
  return { ...(instance === undefined ? {} : { instance }), type, port: Number(port), text: {} }
}

function readText(service: ToldService | undefined, text: string, whole: string): void {
  if (service === undefined) {
    throw new UsageError(`${JSON.stringify(whole)} has txt=${text} before any service; write ${MDNS_SYNTAX}`)
  }
  const at = text.indexOf('=')
  const key = at < 0 ? text : text.slice(0, at)
  if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(key) || new TextEncoder().encode(text).length > 255) {
    throw new UsageError(`${JSON.stringify(whole)} has txt=${text}; write KEY=VALUE, of 255 octets at the most`)
  }
  Object.assign(service.text, { [key]: at < 0 ? true : text.slice(at + 1) })
}

/** Tells all of a link, or of each of this machine's links, of the host's name, its addresses and its services, until it is closed. */
export class MdnsService {
  readonly #host: Host
  readonly #name: string
  readonly #services: readonly ToldService[]
  readonly #say: (line: string) => void
  readonly #links = new Map<string, MulticastNames | null>()
  readonly #over: Promise<void>
  #end: () => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #timer: NodeJS.Timeout | null = null

  /** `besides`: services that are served beside it, of which is told too. `say`: what names were had. */
  constructor(host: Host, settings: MdnsSettings, besides: readonly ToldService[], say: (line: string) => void) {
    this.#host = host
    this.#name = settings.host ?? machineName()
    const told = (one: ToldService) =>
      settings.services.some(({ type, port }) => type === one.type && port === one.port)
    this.#services = [...settings.services, ...besides.filter((one) => !told(one))]
    this.#say = say
    this.#over = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.#over.catch(() => {})
  }

  /** Of all links. */
  get counters(): { dropped: number } {
    let dropped = 0
    for (const names of this.#links.values()) dropped += names?.counters.dropped ?? 0
    return { dropped }
  }

  /** Rejects if a link cannot take part that was named. */
  run(): Promise<void> {
    const look = () => {
      try {
        this.#look()
      } catch (error) {
        this.#fail(error)
      }
    }
    look()
    this.#timer = setInterval(look, LOOK)
    return this.#over
  }

  /** All are told that there is nothing of it any more. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all([...this.#links.values()].map((names) => names?.close()))
    this.#end()
  }

  // Addresses come and go: by DHCP, by routers, by whoever configures this machine.
  #look(): void {
    const links = linksOf(this.#host)
    for (const [name, addresses] of links) {
      const names = this.#links.get(name)
      if (names !== undefined) names?.setAddresses(addresses)
      else this.#links.set(name, this.#open(name, addresses))
    }
    for (const [name, names] of this.#links) {
      if (links.has(name)) continue
      this.#links.delete(name)
      void names?.close()
    }
  }

  /** Null where that link has no groups. */
  #open(name: string, addresses: readonly string[]): MulticastNames | null {
    const ifindex = this.#host.interfaceIndex(name) ?? 0
    let names: MulticastNames
    try {
      names = new MulticastNames(this.#host.provider, { ifindex, random: secureRandom, host: this.#name, addresses })
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      if (this.#host.where !== null || error.code === 'EADDRINUSE') {
        throw new Error(`mdns on ${name}: ${error.message}`)
      }
      this.#say(`mdns: not on ${name}, ${error.message}`)
      return null
    }
    void this.#publish(names, name)
    return names
  }

  async #publish(names: MulticastNames, link: string): Promise<void> {
    await names.claimed
    if (this.#links.get(link) !== names) return
    this.#say(`mdns: ${names.host} on ${link}`)
    const own = (names.host as string).replace(/\.local$/, '')
    for (const service of this.#services) {
      const { instance, ...rest } = service
      const options: ServiceOptions = { instance: (instance ?? own).slice(0, LABEL_MAX), ...rest }
      const { instance: got } = await names.publish(options)
      if (this.#links.get(link) !== names) return
      this.#say(`mdns: ${got} (${service.type}, port ${service.port}) on ${link}`)
    }
  }
}

function machineName(): string {
  const [label = ''] = hostname().split('.')
  return readName(label === '' ? 'host' : label, `mdns=${label}`)
}

/** The links that have addresses, and which. */
function linksOf({ stack, where }: Host): Map<string, string[]> {
  const links = new Map<string, string[]>()
  if (stack !== null && where !== null) {
    const own = stack.interfaceNamed(where.name)?.addresses ?? []
    add(
      links,
      where.name,
      own.filter(({ tentative }) => !tentative).map(({ address }) => String(address)),
    )
    return links
  }
  for (const [name, own = []] of Object.entries(networkInterfaces())) {
    add(
      links,
      name,
      own.filter(({ internal }) => !internal).map(({ address }) => address),
    )
  }
  return links
}

// Who has others does not say the addresses that are good for one link alone.
function add(links: Map<string, string[]>, name: string, addresses: readonly string[]): void {
  const local = (text: string) => IpAddress.parse(text)?.isLinkLocal === true && text.includes(':')
  const others = addresses.filter((text) => text.includes(':') && !local(text))
  const told = others.length === 0 ? addresses : addresses.filter((text) => !local(text))
  if (told.length > 0) links.set(name, [...told])
}
