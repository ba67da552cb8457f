// Read first: traceroute(8). Options, output and exit status are those of Debian's; it waits for each answer as long as for any.

import { Command, Option } from 'commander'
import { AF_INET } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { CAPTURE_OPTION, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
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
import { hostText } from '../option-values.ts'
import { seconds } from '../seconds.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import type { TracerouteMethod } from './traceroute-probe.ts'
import { type Hop, traceroute } from './traceroute-run.ts'

/** Octets behind the IP header of a probe, where packetlen does not say otherwise; of them the header of UDP or ICMP. */
const USUAL_LENGTH = 40
const HEADER_LENGTH = 8

const usualPorts: Record<TracerouteMethod, number> = { udp: 33434, port: 53, icmp: 1, tcp: 80 }

interface TracerouteFlags extends HostOptions, NamesFlags {
  readonly icmp?: boolean
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly numeric?: boolean
  readonly dontFragment?: boolean
  readonly first: number
  readonly maxHops: number
  readonly queries: number
  readonly simQueries: number
  readonly wait: number
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
    .option('-n, --numeric', 'look up no names for the addresses that are printed')
    .option('-F, --dont-fragment', 'do not let probes be cut')
    .option('-f, --first <hop>', 'begin with this hop', wholeNumber(1, 255), 1)
    .option('-m, --max-hops <hops>', 'end with this hop', wholeNumber(1, 255), 30)
    .option('-q, --queries <count>', 'probes of each hop', wholeNumber(1, 10), 3)
    .option('-N, --sim-queries <count>', 'probes under way at once', wholeNumber(1, 1000), 16)
    .addOption(new Option('-w, --wait <seconds>', 'wait so long for an answer').argParser(seconds).default(5000, '5'))
    .option('-p, --port <port>', 'the port, or the first; of ICMP the first sequence number', wholeNumber(1, 65535))
    .option('-s, --source <address>', 'send from this address', hostText)
    .option('--json', 'a line of JSON for each hop')
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action(trace)
}

async function trace(target: string, length: number | undefined, flags: TracerouteFlags): Promise<void> {
  const where = chosenWhere(flags, 'traceroute')
  checkNames(target, flags, where)
  const method = methodOf(flags)
  if (flags.first > flags.maxHops) throw new UsageError(`-f ${flags.first} is beyond -m ${flags.maxHops}`)
  const host = await openHost(where, flags)
  try {
    await host.readyOrTold()
    const names = new HostNames(host, flags)
    const address = await names.address(target)
    const figures = await names.figures(address)
    const headerLength = address.family === AF_INET ? 20 : 40
    const whole = Math.max(length ?? headerLength + USUAL_LENGTH, headerLength + HEADER_LENGTH)
    if (!flags.json)
      process.stdout.write(`traceroute to ${target} (${figures}), ${flags.maxHops} hops max, ${whole} byte packets\n`)
    const hops = traceroute(host.provider, address, {
      method,
      port: flags.port ?? usualPorts[method],
      firstHop: flags.first,
      maxHops: flags.maxHops,
      queries: flags.queries,
      simultaneous: flags.simQueries,
      // An echo socket's user writes its header.
      size: whole - headerLength - (method === 'icmp' ? 0 : HEADER_LENGTH),
      wait: flags.wait,
      dontFragment: flags.dontFragment === true,
      source: flags.source === undefined ? null : await names.address(flags.source),
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

function methodOf({ icmp, tcp, udp }: TracerouteFlags): TracerouteMethod {
  const given = [icmp && '--icmp', tcp && '--tcp', udp && '--udp'].filter((name) => typeof name === 'string')
  if (given.length > 1) throw new UsageError(`there are both ${given[0]} and ${given[1]}; write one`)
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
