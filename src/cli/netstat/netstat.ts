// Read first: netstat(8), ss(8).

import { Command } from 'commander'
import { formatNetstat } from '../../stack/netstat-text.ts'
import { machineServices } from '../machine-services.ts'
import { hasColours, paint } from '../terminal/paint.ts'
import { Screen } from '../terminal/screen.ts'
import { Scroll } from '../terminal/scroll.ts'
import { cutTo } from '../terminal/table.ts'
import { checkFlags, type NetstatFlags, readRepeat, type View, viewOf } from './netstat-flags.ts'
import { countersText, headingText, interfacesText, neighboursText, routesText } from './netstat-text.ts'
import { allSections, programSection, type Section } from './sections.ts'
import { SocketView } from './socket-view.ts'

export function netstatCommand(): Command {
  return new Command('netstat')
    .summary("list the sockets of the system and of programs' stacks")
    .description(
      "list the sockets of the operating system and of all programs' stacks that show them, and how these are",
    )
    .argument('[path]', 'the control socket of one running command alone: of `jackfield serve --control PATH`')
    .option('-a, --all', 'listening sockets too')
    .option('-l, --listening', 'listening sockets alone')
    .option('-t, --tcp', 'TCP')
    .option('-u, --udp', 'UDP')
    .option('-w, --raw', 'raw and ICMP sockets')
    .option('-x, --unix', 'Unix sockets')
    .option('-4, --ipv4', 'sockets of IPv4')
    .option('-6, --ipv6', 'sockets of IPv6')
    .option('-n, --numeric', 'numbers of ports, not names of services; addresses are always numbers')
    .option('-p, --processes', 'who holds each socket')
    .option('-o, --timers', 'which timers are set: seconds left, and how often they have expired')
    .option(
      '-e, --details',
      'what TCP knows of each connection, what UDP sockets of a stack have carried, and what the system knows of each socket, as ss -eim',
    )
    .option('-c, --continuous [seconds]', 'again and again, once a second or as often as this says')
    .option('--plain', 'with -c: a listing after the other on a terminal too, in place of a view that is drawn anew')
    .option('-r, --route', 'the routing table')
    .option('-i, --interfaces', 'the interfaces')
    .option('--neighbours', 'who is known on the links')
    .option('-s, --statistics', 'what was counted')
    .option('--os', "the operating system's alone")
    .option('--userspace', "programs' stacks alone")
    .option('--json', 'all of it as JSON')
    .action(run)
}

async function run(given: string | undefined, options: NetstatFlags): Promise<void> {
  const { path, flags, interval } = readRepeat(given, options)
  checkFlags(path, flags)
  const view = viewOf(flags)
  if (interval !== null && process.stdout.isTTY && flags.json !== true && flags.plain !== true) {
    return watch(path, view, flags, interval)
  }
  for (;;) {
    const sections = path === undefined ? await allSections(view, flags, warn) : [await programSection(path, flags)]
    const headed = path === undefined
    const text =
      flags.json === true
        ? `${JSON.stringify(jsonOf(view, sections, headed), null, interval === null ? 2 : 0)}\n`
        : textOf(view, sections, flags, headed)
    await print(text)
    if (interval === null) {
      if (flags.userspace === true && sections.length === 0) {
        warn('no program of this user shows its sockets: showSockets(stack), of jackfield/os, does')
      }
      return
    }
    await new Promise((resolve) => setTimeout(resolve, interval))
    if (flags.json !== true) await print('\n')
  }
}

/** Shows it in the window until a signal ends it: sockets with what passes through them, other tables as they are. */
async function watch(path: string | undefined, view: View, flags: NetstatFlags, interval: number): Promise<void> {
  const colours = hasColours(process.stdout)
  const sockets = new SocketView()
  const scroll = new Scroll()
  let text: string[] = []
  const screen = new Screen(
    process.stdout,
    (columns, rows) => {
      if (view === 'sockets' && flags.details !== true && flags.timers !== true) {
        return sockets.lines(columns, rows, interval, colours, scroll)
      }
      const room = Math.max(0, rows - 1)
      const first = scroll.first(text.length, room)
      const shown = Array.from({ length: room }, (_, i) => cutTo(text[first + i] ?? '', columns))
      return [...shown, paint(cutTo(scroll.hint(text.length), columns), 'faint', colours)]
    },
    process.stdin,
    (key) => {
      if (key === 'q') process.exit()
      if (scroll.press(key)) screen.draw()
    },
  )
  // What TCP has counted is among the details, and a view has a column for programs; who does not answer is told when
  // the window is free again.
  const asked = { ...flags, details: view === 'sockets' || flags.details === true, processes: true }
  const look = () =>
    path === undefined ? allSections(view, asked, () => {}) : programSection(path, asked).then((one) => [one])
  const update = (sections: readonly Section[]) => {
    if (view === 'sockets') sockets.update(sections, Date.now())
    text = textOf(view, sections, flags, path === undefined)
      .trimEnd()
      .split('\n')
  }
  update(await look())
  screen.open(true)
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, interval))
      if (scroll.held) continue
      update(await look())
      screen.draw()
    }
  } finally {
    screen.close()
  }
}

function warn(text: string): void {
  process.stderr.write(`jackfield: ${text}\n`)
}

/** Resolves when it has left us: whoever reads slowly is waited for. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

/** One list of everything, each with whose it is; of one program alone, which is known, the list itself. */
function jsonOf(view: View, sections: readonly Section[], headed: boolean): unknown {
  if (!headed) return sections[0]?.[view]
  return sections.flatMap((section): unknown[] => {
    const { provider, program } = section
    const whose = program === null ? { provider } : { provider, program }
    if (view === 'counters') return [{ ...whose, counters: section.counters }]
    return section[view].map((one) => ({ ...whose, ...one }))
  })
}

function textOf(view: View, sections: readonly Section[], flags: NetstatFlags, headed: boolean): string {
  const texts = sections.map((section) => {
    const heading = headed ? headingText(section.program) : ''
    return `${heading}${tableText(view, section, flags)}`
  })
  return texts.join('\n')
}

function tableText(view: View, section: Section, flags: NetstatFlags): string {
  if (view === 'routes') return routesText(section.routes)
  if (view === 'interfaces') return interfacesText(section.interfaces)
  if (view === 'neighbours') return neighboursText(section.neighbours)
  if (view === 'counters') return countersText(section.counters)
  const { program } = section
  const others = program === null ? 'none' : 'descriptor'
  return formatNetstat(section.sockets, {
    timers: flags.timers,
    details: flags.details,
    holders: flags.processes === true ? 'program' : others,
    program: program?.name || undefined,
    serviceName: flags.numeric === true ? undefined : serviceName,
  })
}

/** As getservbyport(3). */
function serviceName(port: number, transport: 'tcp' | 'udp'): string | null {
  return machineServices().byPort(port, transport)?.name ?? null
}
