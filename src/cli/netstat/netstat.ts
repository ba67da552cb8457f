// Read first: netstat(8), ss(8).

import { createConnection } from 'node:net'
import { Command } from 'commander'
import type { NetstatEntry } from '../../stack/netstat.ts'
import { formatNetstat } from '../../stack/netstat-text.ts'
import { UsageError } from '../usage-error.ts'
import type { ControlSnapshot } from './control-snapshot.ts'
import { countersText, interfacesText, neighboursText, routesText } from './netstat-text.ts'

interface NetstatFlags {
  readonly all?: boolean
  readonly listening?: boolean
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly raw?: boolean
  readonly unix?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly timers?: boolean
  readonly details?: boolean
  readonly route?: boolean
  readonly interfaces?: boolean
  readonly neighbours?: boolean
  readonly statistics?: boolean
  readonly json?: boolean
}

export function netstatCommand(): Command {
  return new Command('netstat')
    .description('list the sockets of a running `jackfield serve --control PATH`, and how its stack is')
    .argument('<path>', 'the control socket of the running command')
    .option('-a, --all', 'listening sockets too')
    .option('-l, --listening', 'listening sockets alone')
    .option('-t, --tcp', 'TCP')
    .option('-u, --udp', 'UDP')
    .option('-w, --raw', 'raw and ICMP sockets')
    .option('-x, --unix', 'Unix sockets')
    .option('-4, --ipv4', 'sockets of IPv4')
    .option('-6, --ipv6', 'sockets of IPv6')
    .option('-n, --numeric', 'numbers, not names: they are always numbers')
    .option('-o, --timers', 'which timers are set: seconds left, and how often they have expired')
    .option('-e, --details', 'what TCP knows of each connection, as ss -i')
    .option('-r, --route', 'the routing table')
    .option('-i, --interfaces', 'the interfaces')
    .option('--neighbours', 'who is known on the links')
    .option('-s, --statistics', 'what was counted')
    .option('--json', 'all of it as JSON')
    .action(run)
}

async function run(path: string, flags: NetstatFlags): Promise<void> {
  if (flags.all === true && flags.listening === true) throw new UsageError('-a and -l exclude each other; write one')
  const snapshot = await readSnapshot(path)
  const chosen = chooseSockets(snapshot.sockets, flags)
  const text =
    flags.json === true
      ? `${JSON.stringify(jsonOf(snapshot, chosen, flags), null, 2)}\n`
      : textOf(snapshot, chosen, flags)
  process.stdout.write(text)
}

/** What the flags ask for: sockets, unless they name tables. */
function jsonOf(snapshot: ControlSnapshot, sockets: readonly NetstatEntry[], flags: NetstatFlags): unknown {
  const { routes, interfaces, neighbours, counters } = snapshot
  if (flags.route === true) return routes
  if (flags.interfaces === true) return interfaces
  if (flags.neighbours === true) return neighbours
  return flags.statistics === true ? counters : sockets
}

function textOf(snapshot: ControlSnapshot, sockets: readonly NetstatEntry[], flags: NetstatFlags): string {
  const { routes, interfaces, neighbours, counters } = snapshot
  if (flags.route === true) return routesText(routes)
  if (flags.interfaces === true) return interfacesText(interfaces)
  if (flags.neighbours === true) return neighboursText(neighbours)
  if (flags.statistics === true) return countersText(counters)
  return formatNetstat(sockets, { timers: flags.timers, details: flags.details })
}

/** The sockets that the flags ask for: as netstat(8), without -a or -l those alone that have a peer. */
export function chooseSockets(sockets: readonly NetstatEntry[], flags: NetstatFlags): NetstatEntry[] {
  const { tcp, udp, raw, unix, ipv4, ipv6 } = flags
  const anyKind = tcp !== true && udp !== true && raw !== true && unix !== true
  const wanted: Record<string, boolean | undefined> = { tcp, udp, raw, icmp: raw, unix }
  const anyFamily = ipv4 === ipv6
  return sockets.filter(({ protocol, state }) => {
    const kind = protocol.startsWith('unix') ? 'unix' : protocol.replace('6', '')
    const family = anyFamily || (kind !== 'unix' && protocol.endsWith('6') === (ipv6 === true))
    if (!family || !(anyKind || wanted[kind] === true)) return false
    // A datagram socket without a peer takes from everybody: it listens, as ss(8) has it.
    const waits = state === 'LISTEN' || state === ''
    return flags.all === true || waits === (flags.listening === true)
  })
}

/** Asks a running command. */
function readSnapshot(path: string): Promise<ControlSnapshot> {
  return new Promise((resolve, reject) => {
    let text = ''
    const connection = createConnection(path)
    connection.setEncoding('utf8')
    connection.on('data', (part: string) => {
      text += part
    })
    connection.on('end', () => {
      try {
        resolve(JSON.parse(text) as ControlSnapshot)
      } catch {
        reject(new Error(`${JSON.stringify(path)} is not the control socket of a jackfield command`))
      }
    })
    connection.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      const nobody = code === 'ENOENT' || code === 'ECONNREFUSED'
      const advice = 'start one with jackfield serve … --control PATH, and give the same path'
      reject(new Error(nobody ? `nobody listens at ${JSON.stringify(path)}: ${advice}` : message))
    })
  })
}
