// Read first: iperf3(1): which options there are, and what they may be.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { filePath, hostText, interfaceName, lineText } from '../option-values.ts'
import { serviceCodePoint, serviceOctet } from '../service-octet.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import { parseAmount, type RateUnit } from './amounts.ts'
import {
  BLOCK_MAX,
  BUFFER_MAX,
  BURST_MAX,
  DATAGRAM_MAX,
  DATAGRAM_MIN,
  OMIT_MAX,
  SEGMENT_MAX,
  STREAMS_MAX,
  type TestParameters,
  TIME_MAX,
} from './test-parameters.ts'

export interface Iperf3Flags {
  readonly server?: boolean
  readonly client?: string
  readonly port: number
  readonly format?: RateUnit
  readonly interval: number
  readonly bind?: string
  readonly bindDev?: string
  readonly plain?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
  readonly logfile?: string
  readonly rcvTimeout: number
  readonly oneOff?: boolean
  readonly udp?: boolean
  readonly connectTimeout?: number
  readonly bitrate?: { readonly rate: number; readonly burst: number }
  readonly fqRate?: number
  readonly time?: number
  readonly bytes?: number
  readonly blockcount?: number
  readonly length?: number
  readonly cport?: number
  readonly parallel?: number
  readonly reverse?: boolean
  readonly bidir?: boolean
  readonly window?: number
  readonly congestion?: string
  readonly setMss?: number
  /** -N: false. */
  readonly delay?: boolean
  readonly tos?: number
  readonly dscp?: number
  readonly omit?: number
  readonly title?: string
  readonly extraData?: string
  readonly getServerOutput?: boolean
  readonly udpCounters64bit?: boolean
  readonly repeatingPayload?: boolean
  readonly dontFragment?: boolean
}

/** Options of the client alone, by the names that commander has for them. */
const CLIENT_ONLY: readonly (readonly [keyof Iperf3Flags, string])[] = [
  ['udp', '-u'],
  ['connectTimeout', '--connect-timeout'],
  ['bitrate', '-b'],
  ['fqRate', '--fq-rate'],
  ['time', '-t'],
  ['bytes', '-n'],
  ['blockcount', '-k'],
  ['length', '-l'],
  ['cport', '--cport'],
  ['parallel', '-P'],
  ['reverse', '-R'],
  ['bidir', '--bidir'],
  ['window', '-w'],
  ['congestion', '-C'],
  ['setMss', '-M'],
  ['tos', '-S'],
  ['dscp', '--dscp'],
  ['omit', '-O'],
  ['title', '-T'],
  ['extraData', '--extra-data'],
  ['getServerOutput', '--get-server-output'],
  ['udpCounters64bit', '--udp-counters-64bit'],
  ['repeatingPayload', '--repeating-payload'],
  ['dontFragment', '--dont-fragment'],
]

/** What iperf3 has and this does not, and what to do instead. */
const REFUSED: readonly (readonly [flags: string, why: string])[] = [
  ['-D, --daemon', 'it stays in the foreground: put it in the background by & or a unit of systemd'],
  ['-Z, --zerocopy', 'octets are sent by send(2) alone: leave it out'],
  ['-F, --file <name>', 'octets are made up and thrown away: fetch and serve move files'],
  ['-A, --affinity <n>', 'bind it to a processor by taskset(1)'],
  ['-I, --pidfile <file>', 'a shell knows the number: $!'],
  ['-L, --flowlabel <n>', 'flow labels are made by the system: leave it out'],
  ['-X, --xbind <name>', 'there is no SCTP'],
  ['--sctp', 'there is no SCTP: there are TCP and UDP (-u)'],
  ['--nstreams <n>', 'there is no SCTP'],
  ['--username <name>', 'there is no authentication'],
  ['--rsa-public-key-path <file>', 'there is no authentication'],
  ['--rsa-private-key-path <file>', 'there is no authentication'],
  ['--authorized-users-path <file>', 'there is no authentication'],
  ['--idle-timeout <seconds>', 'a client that says nothing does not keep the server from others'],
  ['--server-bitrate-limit <rate>', 'the server sends and takes what the client asks for'],
  ['--snd-timeout <ms>', 'connections give up as the system has it'],
  ['--pacing-timer <us>', 'blocks are sent when they are due'],
  ['--timestamps [format]', 'ts(1) puts times in front of lines'],
  ['-d', '--capture has each packet; -V says more; --debug shows where an error comes from'],
  ['--json-stream', 'it came after iperf3 3.12, whose options these are: there is -J'],
]

/** Gives the command the options of iperf3. */
export function addIperf3Options(command: Command): Command {
  command
    .option('-s, --server', 'be the server')
    .option('-c, --client <host>', 'be the client of this server, an address or a name', hostText)
    .option('-p, --port <port>', 'the port of the server', wholeNumber(1, 65535), 5201)
    .option('-f, --format <unit>', 'rates in k, m, g or t bits a second, or in K, M, G or T octets', rateUnit)
    .addOption(
      new Option('-i, --interval <seconds>', 'report so often; 0: at the end alone')
        .argParser(interval)
        .default(1000, '1'),
    )
    .option('-B, --bind <address>', 'use this address; an interface may follow: fe80::1%eth0', ownAddress)
    .option('--bind-dev <interface>', 'use this interface (SO_BINDTODEVICE)', interfaceName)
    .option('-V, --verbose', 'say more')
    .option('-J, --json', 'print one JSON object, with the keys of iperf3')
    .option('--logfile <file>', 'append what is printed to a file instead', filePath)
    .option('--forceflush', 'nothing: lines are never held back')
    .option('--rcv-timeout <ms>', 'give up when nothing has passed for so long', wholeNumber(100, 86_400_000), 120_000)
    .option('-1, --one-off', 'server: end after one test')
    .option('-u, --udp', 'UDP in place of TCP')
    .option('--connect-timeout <ms>', 'give up connecting after so long', wholeNumber(1, 86_400_000))
    .option(
      '-b, --bitrate <rate>',
      'bits a second of each stream, such as 10M; 0: as many as go; /N: N blocks at once (default: 1M for UDP, 0 for TCP)',
      bitrate,
    )
    .option('--fq-rate <rate>', 'have the system pace each socket (SO_MAX_PACING_RATE), in bits a second', amount(1000))
    .option('-t, --time <seconds>', `end after so long, ${TIME_MAX} at most; 0: never (default: 10)`, seconds(TIME_MAX))
    .option('-n, --bytes <octets>', 'end after so many octets, such as 100M', amount(1024))
    .option('-k, --blockcount <blocks>', 'end after so many blocks or datagrams', amount(1024))
    .option(
      '-l, --length <octets>',
      'octets of a block (default: 128K), or of a datagram (as the path allows)',
      amount(1024),
    )
    .option('--cport <port>', 'the port of the first stream of the client; others follow it', wholeNumber(1, 65535))
    .option('-P, --parallel <streams>', 'so many streams side by side', wholeNumber(1, STREAMS_MAX))
    .option('-R, --reverse', 'the server sends')
    .option('--bidir', 'both send')
    .option('-w, --window <octets>', 'buffers of the sockets (SO_SNDBUF, SO_RCVBUF)', bufferSize)
    .option('-C, --congestion <algorithm>', 'congestion control, such as cubic', algorithm)
    .option('-M, --set-mss <octets>', 'the largest segment of TCP', wholeNumber(1, SEGMENT_MAX))
    .option('-N, --no-delay', 'TCP_NODELAY')
    .option('-4, --ipv4', 'IPv4 alone')
    .option('-6, --ipv6', 'IPv6 alone')
    .option('-S, --tos <n>', "IP's type of service, such as 0x10", serviceOctet)
    .option('--dscp <n>', 'the upper six bits of it, a number or a name such as ef, cs1, af21', serviceCodePoint)
    .option('-O, --omit <seconds>', 'leave the first seconds out', seconds(OMIT_MAX))
    .option('--plain', 'no line below the others that shows how it goes, on a terminal')
    .option('-T, --title <text>', 'put this in front of each line', lineText)
    .option('--extra-data <text>', 'put this into the JSON of both sides', lineText)
    .option('--get-server-output', 'print what the server prints too')
    .option('--udp-counters-64bit', 'number datagrams by 64 bits')
    .option('--repeating-payload', 'send digits, which can be compressed')
    .option('--dont-fragment', "set IPv4's Don't Fragment on datagrams")
  for (const [flags, why] of REFUSED) {
    const name = flags.split(/[ ,]/)[0]
    const refuse = () => {
      throw new UsageError(`iperf3 ${name} is not there: ${why}`)
    }
    command.addOption(new Option(flags).hideHelp())
    command.on(`option:${new Option(flags).name()}`, refuse)
  }
  return command
}

/** Throws a UsageError for options that do not go together. */
export function checkTogether(flags: Iperf3Flags): void {
  const { server = false, client, time, bytes, blockcount, reverse, bidir, udp, length, tos, dscp: bits } = flags
  if (server && client !== undefined) throw new UsageError('there are both -s and -c; write one')
  if (!server && client === undefined) {
    throw new UsageError('iperf3 needs -s, or -c and a server, such as iperf3 -c 10.9.0.1')
  }
  if (server) {
    const [, wrong] = CLIENT_ONLY.find(([name]) => flags[name] !== undefined) ?? [
      null,
      flags.delay === false ? '-N' : null,
    ]
    if (wrong !== null) throw new UsageError(`${wrong} is for the client: the server does as it is told`)
  } else if (flags.oneOff) throw new UsageError('-1 is for the server: a client makes one test')
  const ends = [time === undefined ? '' : '-t', bytes === undefined ? '' : '-n', blockcount === undefined ? '' : '-k']
  const given = ends.filter((one) => one !== '')
  if (given.length > 1) throw new UsageError(`there are both ${given[0]} and ${given[1]}; write one`)
  if (reverse && bidir) throw new UsageError('there are both -R and --bidir; write one')
  if (tos !== undefined && bits !== undefined) throw new UsageError('there are both -S and --dscp; write one')
  const [low, high] = udp ? [DATAGRAM_MIN, DATAGRAM_MAX] : [1, BLOCK_MAX]
  if (length !== undefined && (length < low || length > high)) {
    throw new UsageError(`-l ${length}: a ${udp ? 'datagram' : 'block'} has ${low} to ${high} octets`)
  }
  if (flags.cport !== undefined && flags.cport + streams(flags) - 1 > 65535) {
    throw new UsageError(`--cport ${flags.cport}: ${streams(flags)} streams have no ports from there to 65535`)
  }
  const { interval: often, client: _ } = flags
  if (often !== 0 && (often < 100 || often > 60_000)) {
    throw new UsageError(`-i ${often / 1000}: reports are 0.1 to 60 seconds apart, or 0: none`)
  }
}

function streams({ parallel = 1, bidir }: Iperf3Flags): number {
  return bidir ? 2 * parallel : parallel
}

/** What the flags ask for. `length` 0: as the path allows. */
export function flagParameters(flags: Iperf3Flags): TestParameters {
  const { udp = false, bytes = 0, blockcount = 0, bitrate: given } = flags
  return {
    protocol: udp ? 'udp' : 'tcp',
    omit: flags.omit ?? 0,
    time: flags.time ?? (bytes > 0 || blockcount > 0 ? 0 : 10),
    bytes,
    blocks: blockcount,
    parallel: flags.parallel ?? 1,
    direction: flags.bidir ? 'both' : flags.reverse ? 'reverse' : 'forward',
    length: flags.length ?? (udp ? 0 : 128 * 1024),
    rate: given?.rate ?? (udp ? 1024 * 1024 : 0),
    burst: given?.burst ?? 0,
    fqRate: flags.fqRate ?? 0,
    window: flags.window ?? 0,
    segment: flags.setMss ?? 0,
    noDelay: flags.delay === false,
    tos: flags.tos ?? (flags.dscp ?? 0) << 2,
    congestion: flags.congestion ?? '',
    wantsServerOutput: flags.getServerOutput ?? false,
    wideCounters: flags.udpCounters64bit ?? false,
    repeatingPayload: flags.repeatingPayload ?? false,
    dontFragment: flags.dontFragment ?? false,
    title: flags.title ?? '',
    extraData: flags.extraData ?? '',
  }
}

function amount(step: 1000 | 1024): (text: string) => number {
  return (text) => {
    const value = parseAmount(text, step)
    if (value === null || value < 1 || value > Number.MAX_SAFE_INTEGER) {
      throw new InvalidArgumentError('It must be a number from 1 on, as in 100, 64K or 10M.')
    }
    return Math.floor(value)
  }
}

function bufferSize(text: string): number {
  const value = amount(1024)(text)
  if (value > BUFFER_MAX) throw new InvalidArgumentError(`It must be at most ${BUFFER_MAX} octets.`)
  return value
}

function bitrate(text: string): { rate: number; burst: number } {
  const [rateText = '', burstText, ...rest] = text.split('/')
  const rate = parseAmount(rateText, 1000)
  const burst = burstText === undefined ? 0 : /^\d{1,4}$/.test(burstText) ? Number(burstText) : Number.NaN
  if (
    rate === null ||
    rate > Number.MAX_SAFE_INTEGER ||
    rest.length > 0 ||
    !(burst <= BURST_MAX) ||
    (burstText !== undefined && burst === 0)
  ) {
    throw new InvalidArgumentError(
      `It must be bits a second, as in 10M, and may have a burst of 1 to ${BURST_MAX}: 10M/4.`,
    )
  }
  return { rate, burst }
}

function seconds(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value > most) {
      throw new InvalidArgumentError(`It must be a whole number of seconds from 0 to ${most}.`)
    }
    return value
  }
}

function interval(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || value > TIME_MAX)
    throw new InvalidArgumentError('It must be a number of seconds.')
  return value * 1000
}

function rateUnit(text: string): RateUnit {
  if (!/^[kmgtKMGT]$/.test(text)) throw new InvalidArgumentError('It must be one of k, m, g, t, K, M, G and T.')
  return text as RateUnit
}

/** An address, behind which "%" and an interface may stand. */
function ownAddress(text: string): string {
  const [address = '', zone] = text.split('%')
  if (zone !== undefined) interfaceName(zone)
  hostText(address)
  return text
}

function algorithm(text: string): string {
  if (!/^[a-z][a-z0-9_-]{0,14}$/i.test(text)) throw new InvalidArgumentError('It must be a name such as cubic.')
  return text
}
