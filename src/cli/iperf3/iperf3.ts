// Read first: iperf3(1), 3.12. It speaks that program's protocol with it, prints its lines, and exits with its statuses.

import { openSync, writeSync } from 'node:fs'
import { version as machine, release, type } from 'node:os'
import { Command } from 'commander'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { fileFailure } from '../file-failure.ts'
import { CAPTURE_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { checkNames, DNS_OPTION, gathered, HOSTS_FILE_OPTION, HostNames, type NamesFlags } from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { FAILURE } from '../report.ts'
import { hasColours } from '../terminal/paint.ts'
import { StatusLine } from '../terminal/status-line.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { Interrupted, Iperf3Client, type Surroundings } from './iperf3-client.ts'
import { Iperf3Failure } from './iperf3-failure.ts'
import { addIperf3Options, checkTogether, flagParameters, type Iperf3Flags } from './iperf3-flags.ts'
import { Iperf3Server } from './iperf3-server.ts'
import { JsonReport } from './json-report.ts'
import { LiveReport } from './live-report.ts'
import type { TestReport } from './test-report.ts'
import { TextReport } from './text-report.ts'

/** The version of the protocol's program whose ways these are. */
const LIKE = '3.12'

/** Milliseconds that the last segments of a stack's connections have, which end with the process. */
const PARTING = 250

const STATUS = `
It exits with 1 where a test has failed, or what was written is wrong.`

interface Iperf3Options extends Iperf3Flags, HostOptions, NamesFlags {}

export function iperf3Command(version: string): Command {
  const command = new Command('iperf3')
    .summary('measure what passes between two hosts, as iperf3 does')
    .description('measure how much passes between two hosts, with the protocol of iperf3')
    .option(...ON_OR_OS_OPTION)
  return addIperf3Options(command)
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .addHelpText('after', STATUS)
    .action((options: Iperf3Options) => iperf3(options, version))
}

async function iperf3(options: Iperf3Options, version: string): Promise<void> {
  checkTogether(options)
  const where = chosenWhere(options, 'iperf3')
  checkNames(options.client ?? '::', options, where)
  const write =
    options.logfile === undefined ? (text: string) => void process.stdout.write(text) : logTo(options.logfile)
  const host = await openHost(where, options)
  try {
    await host.readyOrTold()
    const names = new HostNames(host, options)
    const interrupted = untilSignal()
    const around: Surroundings = {
      provider: host.provider,
      random: secureRandom,
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      interrupted,
    }
    const makeReport = () => reportFor(options, write, version, host)
    const work =
      options.client === undefined
        ? serve(around, options, host, names, makeReport, write)
        : test(around, options, options.client, host, names, makeReport())
    process.exitCode = await Promise.race([work, host.lost])
  } finally {
    if (host.stack !== null) await new Promise((resolve) => setTimeout(resolve, PARTING))
    host.close()
  }
}

function reportFor(options: Iperf3Options, write: (text: string) => void, version: string, host: Host): TestReport {
  const { title = '' } = options
  const said = {
    write,
    title,
    version: `iperf ${LIKE} (jackfield ${version})`,
    system: host.stack === null ? `${type()} ${release()} ${machine()}` : `jackfield's own stack, ${host.description}`,
  }
  if (options.json) return new JsonReport(said)
  const tell = (text: string) => (options.logfile === undefined ? void process.stderr.write(text) : write(text))
  const { columns, isTTY } = process.stdout
  if (isTTY && options.logfile === undefined && options.plain !== true && (options.interval ?? 0) > 0) {
    const status = new StatusLine(write)
    const text = new TextReport({
      ...said,
      write: (lines) => status.print(lines),
      tell,
      unit: options.format ?? null,
      verbose: options.verbose ?? false,
    })
    const width = () => process.stdout.columns ?? columns
    return new LiveReport(text, status, options.format ?? null, width, hasColours(process.stdout))
  }
  return new TextReport({ ...said, tell, unit: options.format ?? null, verbose: options.verbose ?? false })
}

/** Resolves with the exit status. */
async function test(
  around: Surroundings,
  options: Iperf3Options,
  name: string,
  host: Host,
  names: HostNames,
  report: TestReport,
): Promise<number> {
  const server = (await names.address(name)).copy()
  server.port = options.port
  const { source, device } = await ownPlace(options, host, names)
  const client = new Iperf3Client(
    around,
    {
      parameters: flagParameters(options),
      server,
      name,
      source,
      sourcePort: options.cport ?? 0,
      device,
      connectTimeout: options.connectTimeout ?? null,
      interval: options.interval,
      idle: options.rcvTimeout,
      version: LIKE,
    },
    report,
  )
  try {
    await client.run()
    report.close(true)
    return 0
  } catch (error) {
    if (!(error instanceof Iperf3Failure)) throw error
    report.failed(`${error instanceof Interrupted ? 'interrupt' : 'error'} - ${error.message}`)
    report.close(false)
    return FAILURE
  }
}

async function serve(
  around: Surroundings,
  options: Iperf3Options,
  host: Host,
  names: HostNames,
  makeReport: () => TestReport,
  write: (text: string) => void,
): Promise<number> {
  const { source, device } = await ownPlace(options, host, names)
  const v6 = options.ipv6 === true || (options.ipv4 !== true && host.speaksIpv6)
  const any = v6 ? new SocketAddress(AF_INET6, new IpAddress()) : new SocketAddress(AF_INET, IpAddress.v4(0))
  const address = source?.copy() ?? any
  address.port = options.port
  const server = new Iperf3Server(
    around,
    {
      address,
      device,
      bothFamilies: source === null && options.ipv6 !== true,
      interval: options.interval,
      idle: options.rcvTimeout,
      once: options.oneOff ?? false,
    },
    makeReport,
    (line) => {
      if (!options.json) write(`${line}\n`)
    },
  )
  try {
    await server.run()
    return 0
  } catch (error) {
    if (!(error instanceof Iperf3Failure)) throw error
    process.stderr.write(`iperf3: ${error instanceof Interrupted ? 'interrupt' : 'error'} - ${error.message}\n`)
    return FAILURE
  }
}

/** -B and --bind-dev. */
async function ownPlace(
  { bind, bindDev }: Iperf3Options,
  host: Host,
  names: HostNames,
): Promise<{ source: SocketAddress | null; device: string | null }> {
  if (bind === undefined) return { source: null, device: checkDevice(bindDev, host) }
  const [text = '', zone] = bind.split('%')
  const source = await names.address(zone === undefined || !text.includes(':') ? text : bind)
  return { source, device: checkDevice(bindDev ?? zone, host) }
}

function checkDevice(name: string | undefined, host: Host): string | null {
  if (name === undefined) return null
  if (host.interfaceIndex(name) === null) throw new UsageError(`--bind-dev ${name}: there is no interface of this name`)
  return name
}

function logTo(path: string): (text: string) => void {
  try {
    const fd = openSync(path, 'a')
    return (text) => void writeSync(fd, text)
  } catch (error) {
    throw new Error(`--logfile ${fileFailure(path, error)}`)
  }
}
