// Read first: RFC 792 and RFC 4443 (echo), ping(8). What it prints, and what it exits with, are those of iputils.

import { Command, InvalidArgumentError, Option } from 'commander'
import type { SocketAddress } from '../../base/socket-address.ts'
import { CAPTURE_OPTION, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { linkOf, onLink, placeOnLink } from '../link-address.ts'
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
import { serviceOctet } from '../service-octet.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import type { Where } from '../where.ts'
import { wholeNumber } from '../whole-number.ts'
import { ECHO_HEADER_LENGTH } from './ping-echo.ts'
import { pingSource } from './ping-source.ts'
import { Pinger } from './pinger.ts'

/** An IPv4 packet is at most 65,535 octets long. One of IPv6 may be 20 longer, but nobody needs that. */
const LONGEST = 65535 - 20 - ECHO_HEADER_LENGTH

interface PingOptions extends HostOptions, NamesFlags {
  readonly count?: number
  readonly interval: number
  readonly size: number
  readonly timeout: number
  readonly deadline?: number
  readonly flood?: boolean
  readonly quiet?: boolean
  readonly numeric?: boolean
  readonly ttl?: number
  readonly mtuDiscovery?: string
  readonly source?: string
  readonly adaptive?: boolean
  readonly preload: number
  readonly pattern?: Uint8Array
  readonly tos?: number
  readonly timestamps?: boolean
  readonly outstanding?: boolean
  readonly audible?: boolean
  readonly json?: boolean
}

/** An option in seconds for those who write it, in milliseconds for those who read it. */
function secondsOption(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).argParser(seconds).default(standard * 1000, String(standard))
}

function pattern(text: string): Uint8Array {
  if (!/^[\da-f]{1,32}$/i.test(text)) throw new InvalidArgumentError('It must be 1 to 32 hexadecimal digits.')
  return Buffer.from(text.length % 2 === 0 ? text : `${text.slice(0, -1)}0${text.slice(-1)}`, 'hex')
}

export function pingCommand(): Command {
  return new Command('ping')
    .description('send echo requests, and time the answers')
    .argument('<host>', 'an address, or a name')
    .option(...ON_OR_OS_OPTION)
    .option(...IPV4_OPTION)
    .option(...IPV6_OPTION)
    .option('-c, --count <count>', 'stop after so many requests', wholeNumber(1, 0x7fffffff))
    .addOption(secondsOption('-i, --interval <seconds>', 'wait so long between requests', 1))
    .option('-s, --size <octets>', 'octets of data in a request', wholeNumber(0, LONGEST), 56)
    .addOption(secondsOption('-W, --timeout <seconds>', 'wait so long for the last answers', 10))
    .addOption(new Option('-w, --deadline <seconds>', 'end after so long, whatever has come').argParser(seconds))
    .option('-t, --ttl <hops>', 'how many routers a request may pass, and one more', wholeNumber(1, 255))
    .option('-I, --source <address>', 'send from this address, or by the interface of this name', hostText)
    .addOption(
      new Option('-M, --mtu-discovery <how>', 'never cut requests; cut them here; let routers cut them').choices([
        'do',
        'want',
        'dont',
      ]),
    )
    .option('-n, --numeric', 'look up no names for the addresses that are printed')
    .option('-q, --quiet', 'print the first line and the last ones')
    .option('-f, --flood', 'send the next request as soon as the last is answered, at least 100 a second')
    .option('-A, --adaptive', 'send the next request as soon as the last is answered')
    .option('-l, --preload <count>', 'send so many at first without waiting', wholeNumber(1, 65536), 1)
    .option('-p, --pattern <digits>', 'fill requests with these hexadecimal digits, up to 16 octets', pattern)
    .option('-Q, --tos <octet>', 'type of service of requests, or traffic class, such as 0x10 or ef', serviceOctet)
    .option('-D, --timestamps', 'print when each answer came, in seconds since 1970')
    .option('-O, --outstanding', 'tell of each request that has no answer before the next')
    .option('-a, --audible', 'ring at each answer')
    .option('--json', 'a line of JSON for each answer and error, and one with the figures at the end')
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action(ping)
}

async function ping(target: string, options: PingOptions): Promise<void> {
  const where = chosenWhere(options, 'ping')
  const literal = checkNames(target, options, where)
  if (literal !== null) checkTarget(literal, where)
  const host = await openHost(where, options)
  try {
    const names = new HostNames(host, options)
    await host.readyOrTold()
    const address = await names.address(target)
    checkTarget(address, where)
    const source = await pingSource(host, names, options.source, address)
    const figures = await names.figures(address)
    // As iputils: who writes figures wants to read figures.
    const numeric = options.numeric === true || figures === target
    const { count, deadline, ttl, mtuDiscovery, pattern: filling, tos } = options
    const pinger = new Pinger(host.provider, address, target, {
      ...options,
      ...(count === undefined ? {} : { count }),
      ...(deadline === undefined ? {} : { deadline }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(filling === undefined ? {} : { pattern: filling }),
      ...(tos === undefined ? {} : { tos }),
      ...(mtuDiscovery === undefined ? {} : { pathMtu: mtuDiscovery }),
      source: source.address,
      device: source.device,
      figuresOf: (one) => names.figures(one),
      nameOf: (one) => (numeric ? names.figures(one) : names.nameOf(one)),
    })
    untilSignal().then(() => pinger.stop())
    process.exitCode = await Promise.race([pinger.run(), host.lost])
  } finally {
    host.close()
  }
}

/** Refuses what no answer can come from: what can be told without asking is told at once. */
function checkTarget({ ip: target }: SocketAddress, where: Where | null): void {
  if (target.isUnspecified || target.isMulticast || target.isLimitedBroadcast) {
    throw new UsageError(`ping ${target}: this is no address of one host; write one such as 10.0.0.1`)
  }
  // What the operating system can reach it says itself.
  if (target.isLoopback || where === null) return
  // What there is of IPv6 is known once routers have spoken; and every link has its own addresses.
  if (!target.isV4 && (where.ipv6 === 'auto' || target.isLinkLocal)) return
  // And of IPv4, once DHCP has.
  if (target.isV4 && where.dhcp) return
  const link = where.addresses.map(linkOf).find((one) => onLink(target, one))
  if (link === undefined) {
    if (where.gateways.some((gateway) => gateway.includes(':') === !target.isV4)) return
    const place = where.addresses.join(' and ')
    throw new UsageError(
      `ping ${target}: Network is unreachable: it is not in ${place}, and --on names no gateway; add ",via GATEWAY" to it`,
    )
  }
  const place = placeOnLink(target, link)
  if (place === 'host') return
  throw new UsageError(`ping ${target}: this is the ${place} address of the link; write the address of one host`)
}
