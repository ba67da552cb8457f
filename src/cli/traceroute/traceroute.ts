// Read first: traceroute(8). Options, output and exit status are those of Debian's.

import { Command, InvalidArgumentError, Option } from 'commander'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { CAPTURE_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import {
  checkNames,
  DNS_OPTION,
  gathered,
  HOSTS_FILE_OPTION,
  HostNames,
  IPV4_OPTION,
  IPV6_OPTION,
  type NamesFlags,
} from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { hostText, interfaceName } from '../option-values.ts'
import { sourceAddress } from '../own-address.ts'
import { seconds } from '../seconds.ts'
import { serviceOctet } from '../service-octet.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import type { Waits } from './traceroute-patience.ts'
import type { TracerouteMethod } from './traceroute-probe.ts'
import { type Hop, traceroute } from './traceroute-run.ts'

/** Octets behind the IP header of a probe, where packetlen does not say otherwise; of them the header of UDP or ICMP. */
const USUAL_LENGTH = 40
const HEADER_LENGTH = 8
/** What --mtu begins with. */
const LONGEST = 65000
/** Probes under way at once, where -N does not say otherwise. */
const SIMULTANEOUS = 16

const usualPorts: Record<TracerouteMethod, number> = { udp: 33434, port: 53, icmp: 1, tcp: 80 }

interface TracerouteFlags extends HostOptions, NamesFlags {
  readonly icmp?: boolean
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly module?: TracerouteMethod
  readonly mtu?: boolean
  readonly interface?: string
  readonly tos?: number
  readonly direct?: boolean
  readonly sendwait?: number
  readonly sport?: number
  readonly numeric?: boolean
  readonly dontFragment?: boolean
  readonly first: number
  readonly maxHops: number
  readonly queries: number
  readonly simQueries?: number
  readonly wait: Waits
  readonly port?: number
  readonly source?: string
  readonly json?: boolean
}

export function tracerouteCommand(): Command {
  return new Command('traceroute')
    .description('find the routers on the way to a host')
    .argument('<host>', 'an address, or a name')
    .argument('[length]', 'octets of a whole packet', wholeNumber(28, 65535))
    .option(...ON_OR_OS_OPTION)
    .option(...IPV4_OPTION)
    .option(...IPV6_OPTION)
    .option('-I, --icmp', 'ask by ICMP echo requests')
    .option('-T, --tcp', 'ask by connecting over TCP')
    .option('-U, --udp', 'ask by UDP to one port, not to another with each probe')
    .addOption(
      new Option('-M, --module <name>', 'ask by this: default is UDP to a port of its own for each probe')
        .choices(Object.keys(modules))
        .argParser(moduleNamed),
    )
    .option('-n, --numeric', 'look up no names for the addresses that are printed')
    .option('-F, --dont-fragment', 'do not let probes be cut')
    .option('--mtu', 'find how long packets may be, and print F=OCTETS where that changes; with it -F and -N 1')
    .option('-i, --interface <interface>', 'send by the interface of this name', interfaceName)
    .option('-t, --tos <octet>', 'type of service of probes, or traffic class, such as 0x10 or ef', serviceOctet)
    .option('-r, --direct', 'send to a host of our own link, whatever routes say')
    .option('-f, --first <hop>', 'begin with this hop', wholeNumber(1, 255), 1)
    .option('-m, --max-hops <hops>', 'end with this hop', wholeNumber(1, 255), 30)
    .option('-q, --queries <count>', 'probes of each hop', wholeNumber(1, 10), 3)
    .addOption(
      new Option('-N, --sim-queries <count>', 'probes under way at once (default: 16)').argParser(wholeNumber(1, 1000)),
    )
    .addOption(
      new Option(
        '-w, --wait <seconds[,here,near]>',
        'wait so long for an answer, but no more than so many times as long as another of the same hop took, or one from further on',
      )
        .argParser(waits)
        .default({ most: 5000, here: 3, near: 10 }, '5,3,10'),
    )
    .option('-z, --sendwait <seconds>', 'from one probe to the next at least; more than 10 are milliseconds', sendWait)
    .option('-p, --port <port>', 'the port, or the first; of ICMP the first sequence number', wholeNumber(1, 65535))
    .option('-s, --source <address>', 'send from this address', hostText)
    .option('--sport <port>', 'send from this port, of UDP and TCP; with it -N 1', wholeNumber(1, 65535))
    .option('--json', 'a line of JSON for each hop')
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action(trace)
}

/** Reads -w as Debian's has it: what is left out is as it is without. */
function waits(text: string): Waits {
  const [most = '', here = '3', near = '10', ...more] = text.split(',')
  const factor = /^\d{1,4}(\.\d+)?$/
  if (more.length === 0 && factor.test(here) && factor.test(near)) {
    return { most: seconds(most), here: Number(here), near: Number(near) }
  }
  throw new InvalidArgumentError('It must be SECONDS, or SECONDS,HERE,NEAR, such as 5,3,10.')
}

/** Reads -z, in milliseconds. */
function sendWait(text: string): number {
  const value = seconds(text)
  return value > 10_000 ? value / 1000 : value
}

const modules: Readonly<Record<string, TracerouteMethod>> = { default: 'udp', udp: 'port', icmp: 'icmp', tcp: 'tcp' }

function moduleNamed(text: string): TracerouteMethod {
  const method = Object.hasOwn(modules, text) ? modules[text] : undefined
  if (method !== undefined) return method
  throw new InvalidArgumentError(`It must be one of ${Object.keys(modules).join(', ')}.`)
}

async function trace(target: string, length: number | undefined, flags: TracerouteFlags): Promise<void> {
  const where = chosenWhere(flags, 'traceroute')
  checkNames(target, flags, where)
  const method = methodOf(flags)
  if (flags.first > flags.maxHops) throw new UsageError(`-f ${flags.first} is beyond -m ${flags.maxHops}`)
  const { sport = 0, mtu = false } = flags
  if (sport > 0 && method === 'icmp')
    throw new UsageError('--sport is of UDP and TCP, and ICMP has no ports; leave it out')
  if (mtu && method === 'tcp')
    throw new UsageError('--mtu needs probes of any length, and -T has none; write -I, or neither')
  const host = await openHost(where, flags)
  try {
    await host.readyOrTold()
    const names = new HostNames(host, flags)
    const address = await names.address(target)
    scopeTo(host, address, flags.interface)
    const figures = await names.figures(address)
    const headers = (address.family === AF_INET ? 20 : 40) + HEADER_LENGTH
    const usual = mtu ? LONGEST : headers - HEADER_LENGTH + USUAL_LENGTH
    const whole = Math.max(length ?? usual, headers)
    if (!flags.json)
      process.stdout.write(`traceroute to ${target} (${figures}), ${flags.maxHops} hops max, ${whole} byte packets\n`)
    // An echo socket's user writes its header.
    const written = headers - (method === 'icmp' ? HEADER_LENGTH : 0)
    const hops = traceroute(host.provider, address, {
      method,
      port: flags.port ?? usualPorts[method],
      firstHop: flags.first,
      maxHops: flags.maxHops,
      queries: flags.queries,
      simultaneous: sport > 0 || mtu ? 1 : (flags.simQueries ?? SIMULTANEOUS),
      headers: written,
      size: whole - written,
      waits: flags.wait,
      sendWait: flags.sendwait ?? 0,
      findMtu: mtu,
      dontFragment: flags.dontFragment === true || mtu,
      source: await sourceAddress(names, address.family, flags.source, sport),
      device: flags.interface ?? null,
      serviceOctet: flags.tos ?? null,
      direct: flags.direct === true,
    })
    const show = async (one: SocketAddress) => shown(names, one, flags.numeric === true)
    const textOf = flags.json
      ? (hop: Hop) => hopJson(hop, (one) => (flags.numeric ? null : names.nameOf(one)))
      : (hop: Hop) => hopText(hop, show)
    await Promise.race([print(hops, textOf), host.lost])
  } finally {
    host.close()
  }
}

/** Looks whether there is an interface of -i; it says which link a link-local address is on. */
function scopeTo(host: Host, target: SocketAddress, name: string | undefined): void {
  if (name === undefined) return
  const index = host.interfaceIndex(name)
  if (index === null) throw new UsageError(`-i ${name}: there is no interface of this name`)
  if (target.family === AF_INET6 && target.ip.isLinkLocal && target.scopeId === 0) target.scopeId = index
}

function methodOf({ icmp, tcp, udp, module }: TracerouteFlags): TracerouteMethod {
  const given = [icmp && '--icmp', tcp && '--tcp', udp && '--udp', module && '--module']
  const [one, other] = given.filter((name) => typeof name === 'string')
  if (other !== undefined) throw new UsageError(`there are both ${one} and ${other}; write one`)
  if (module !== undefined) return module
  if (icmp) return 'icmp'
  if (tcp) return 'tcp'
  return udp ? 'port' : 'udp'
}

async function shown(names: HostNames, address: SocketAddress, numeric: boolean): Promise<string> {
  const figures = await names.figures(address)
  return numeric ? figures : `${await names.nameOf(address)} (${figures})`
}

async function print(hops: AsyncIterable<Hop>, textOf: (hop: Hop) => Promise<string>): Promise<void> {
  try {
    for await (const hop of hops) process.stdout.write(`${await textOf(hop)}\n`)
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    throw new Error(`traceroute: ${error.text} (${error.message})`, { cause: error })
  }
}

/** A line of traceroute(8): who answered, once where it is the same again, and how long each took. */
export async function hopText(
  { hops, answers }: Hop,
  show: (address: SocketAddress) => Promise<string>,
): Promise<string> {
  let line = `${String(hops).padStart(2)} `
  let last: SocketAddress | null = null
  for (const answer of answers) {
    if (answer === null) {
      line += ' *'
      last = null
      continue
    }
    if (last === null || !last.ip.equals(answer.from.ip)) line += ` ${await show(answer.from)}`
    last = answer.from
    line += `  ${answer.time.toFixed(3)} ms${answer.note === '' ? '' : ` ${answer.note}`}`
  }
  return line
}

/** A hop as an object: null for a probe that nobody has answered, otherwise who, in how many milliseconds, and traceroute's note. */
export async function hopJson(
  { hops, answers }: Hop,
  nameOf: (address: SocketAddress) => Promise<string> | null,
): Promise<string> {
  const probes: unknown[] = []
  for (const answer of answers) {
    const { from, time, note } = answer ?? {}
    if (from === undefined || time === undefined) {
      probes.push(null)
      continue
    }
    const name = await nameOf(from)
    probes.push({
      address: from.address,
      ...(name === null || name === from.address ? {} : { name }),
      milliseconds: Number(time.toFixed(3)),
      ...(note ? { note } : {}),
    })
  }
  return JSON.stringify({ hop: hops, probes })
}
