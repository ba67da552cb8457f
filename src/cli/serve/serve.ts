import { createServer } from 'node:http'
import { Command } from 'commander'
import { toDuplex } from '../../adapters/duplex.ts'
import { AF_INET, AF_INET6, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../base/constants.ts'
import { randomBelow } from '../../base/random.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { ChargenDatagrams, chargenStream } from '../../services/chargen.ts'
import { DatagramServer } from '../../services/datagram-server.ts'
import { daytime, daytimeStream } from '../../services/daytime.ts'
import { discardDatagram, discardStream } from '../../services/discard.ts'
import { echoDatagram, echoStream } from '../../services/echo.ts'
import { StreamServer } from '../../services/stream-server.ts'
import { upper, upperStream } from '../../services/upper.ts'
import { Socket } from '../../socket/socket.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import { CAPTURE_OPTION, CONTROL_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { gathered } from '../names-option.ts'
import type { ControlServer } from '../netstat/control-server.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { dhcpServer } from './dhcp-service.ts'
import { dhcp6Server } from './dhcp6-service.ts'
import {
  type DnsOptions,
  dnsServers,
  HOSTS_OPTION,
  type KnownNames,
  readKnownNames,
  TRANSFER_OPTION,
  ZONE_FILE_OPTION,
  ZONE_OPTION,
} from './dns-service.ts'
import { FileServer } from './file-server.ts'
import { MdnsService } from './mdns-service.ts'
import { RaService } from './ra-service.ts'
import { checkPorts, parseService, SERVICE_SYNTAX, type ServiceRequest } from './service-text.ts'
import { TroubleLog } from './trouble-log.ts'

// After the last socket is closed, how long its last segments may take to be acknowledged.
const PARTING = 250

/** Something that serves until it is closed. */
interface Server {
  run(): Promise<void>
  close(): Promise<void>
  /** What has happened; of what should not, people are told. */
  readonly counters?: object
}

type PlainService = Exclude<ServiceRequest['name'], 'http' | 'dns' | 'dhcp' | 'dhcp6' | 'ra' | 'mdns'>
type StreamService = (socket: Socket) => Promise<void>
type DatagramService = (datagram: Uint8Array, from: SocketAddress) => Uint8Array | null

const streamServices: Record<PlainService, StreamService> = {
  echo: echoStream,
  discard: discardStream,
  chargen: chargenStream,
  daytime: (socket) => daytimeStream(socket, new Date()),
  upper: upperStream,
}

const chargenDatagrams = new ChargenDatagrams((limit) => randomBelow(secureRandom, limit))

const datagramServices: Record<PlainService, DatagramService> = {
  echo: echoDatagram,
  discard: discardDatagram,
  chargen: () => chargenDatagrams.answer(),
  daytime: () => daytime(new Date()),
  upper,
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('run services')
    .argument('<service...>', SERVICE_SYNTAX)
    .option(...ON_OR_OS_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .option(...CONTROL_OPTION)
    .option(...HOSTS_OPTION)
    .option(...ZONE_OPTION)
    .option(...ZONE_FILE_OPTION, gathered, [])
    .option(...TRANSFER_OPTION, gathered, [])
    .action(serve)
}

interface ServeOptions extends HostOptions, DnsOptions {
  /** The path of --control. */
  readonly control?: string
}

async function serve(texts: string[], options: ServeOptions): Promise<void> {
  const requests = texts.map(parseService)
  checkPorts(texts, requests)
  const where = chosenWhere(options, 'serve')
  if (where === null && options.control !== undefined) {
    throw new UsageError(
      '--control shows the sockets of a stack; those of the operating system jackfield netstat shows',
    )
  }
  const known = readKnownNames(options)
  const files = requests.map((request) => (request.directory === null ? null : new FileServer(request.directory)))
  const host = await openHost(where, options)
  const servers: Server[] = []
  let control: ControlServer | null = null
  const trouble = new TroubleLog((line) => process.stderr.write(`jackfield: ${line}\n`))
  try {
    if (host.stack !== null && options.control !== undefined) {
      const { ControlServer } = await import('../netstat/control-server.ts')
      control = await ControlServer.open(options.control, host.stack)
    }
    requests.forEach((request, i) => {
      const started = startService(host, request, files[i] as FileServer | null, known, requests)
      for (const server of started) if (server.counters) trouble.watch(request.name, () => server.counters as object)
      servers.push(...started)
    })
    for (const line of describe(host, requests)) process.stdout.write(`${line}\n`)
    const running = servers.map((server) => server.run())
    const told = untilSignal()
    process.stdout.write('ready\n')
    await Promise.race([told, host.lost, ...running])
  } finally {
    control?.close()
    trouble.close()
    await Promise.all([...servers, ...files].map((server) => server?.close()))
    // What is in the kernel's hands outlives a process, what is in a stack's does not.
    if (host.stack !== null) await new Promise((resolve) => setTimeout(resolve, PARTING))
    host.close()
  }
}

/** `besides`: all that is served. */
function startService(
  host: Host,
  request: ServiceRequest,
  files: FileServer | null,
  known: KnownNames,
  besides: readonly ServiceRequest[],
): Server[] {
  const dns = besides.some(({ name }) => name === 'dns')
  const { dhcp, dhcp6, ra, mdns } = request
  if (dhcp !== undefined) return [dhcpServer(host, dhcp, dns)]
  if (dhcp6 !== undefined) return [dhcp6Server(host, dhcp6, dns)]
  if (mdns !== undefined) {
    const pages = besides.filter(({ name }) => name === 'http')
    const told = pages.map(({ port }) => ({ type: '_http._tcp', port, text: {} }))
    return [new MdnsService(host, mdns, told, (line) => process.stdout.write(`${line}\n`))]
  }
  if (ra !== undefined) {
    const other = besides.find((one) => one.dhcp6 !== undefined)?.dhcp6
    const served = other === undefined ? null : other.pool === null ? 'information' : 'addresses'
    return [new RaService(host, ra, served, dns)]
  }
  if (request.name === 'dns') {
    const { port, servers = [] } = request
    return dnsServers(host, servers, known, receiveDatagrams(host, port), listen(host, port))
  }
  if (request.name === 'http') return [new StreamServer(listen(host, request.port), httpService(files as FileServer))]
  return [
    new StreamServer(listen(host, request.port), streamServices[request.name as PlainService]),
    new DatagramServer(receiveDatagrams(host, request.port), datagramServices[request.name as PlainService]),
  ]
}

// A wildcard socket of IPv6 serves both families (ipv6(7), IPV6_V6ONLY).
function wildcard({ speaksIpv6 }: Host): { family: number; address: string } {
  return speaksIpv6 ? { family: AF_INET6, address: '::' } : { family: AF_INET, address: '' }
}

function listen(host: Host, port: number): Socket {
  const { family, address } = wildcard(host)
  const socket = new Socket(host.provider, family, SOCK_STREAM)
  socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  bindOrTell(socket, { address, port })
  socket.listen()
  return socket
}

function receiveDatagrams(host: Host, port: number): Socket {
  const { family, address } = wildcard(host)
  const socket = new Socket(host.provider, family, SOCK_DGRAM)
  bindOrTell(socket, { address, port })
  return socket
}

/** Node's own HTTP server, which takes any stream that looks like its sockets. */
function httpService(files: FileServer): StreamService {
  const server = createServer((request, response) => void files.handle(request, response))
  return (socket) =>
    new Promise((resolve) => {
      const stream = toDuplex(socket, { allowHalfOpen: true })
      // Errors of a connection are HTTP's to hear; this only keeps one that comes after it has let go from ending us all.
      stream.on('error', () => {})
      stream.once('close', resolve)
      server.emit('connection', stream)
    })
}

function describe(host: Host, requests: readonly ServiceRequest[]): string[] {
  const lines = requests.map(({ name, port, directory, servers = [], dhcp, dhcp6, ra, mdns }) => {
    if (dhcp !== undefined) return `dhcp: UDP port ${port}, addresses ${dhcp.pool}`
    if (dhcp6 !== undefined)
      return `dhcp6: UDP port ${port}, ${dhcp6.pool === null ? 'no addresses' : `addresses ${dhcp6.pool}`}`
    if (ra !== undefined)
      return `ra: router advertisements${ra.prefixes.length === 0 ? '' : `, prefix ${ra.prefixes.join(', ')}`}`
    if (mdns !== undefined) return `mdns: UDP port ${port}, of all on the link`
    if (name === 'http') return `http: TCP port ${port}, files of ${directory}`
    return `${name}: TCP and UDP port ${port}${servers.length === 0 ? '' : `, asking ${servers.join(', ')}`}`
  })
  return [host.description, ...lines]
}
