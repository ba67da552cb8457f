// Read first: tcpdump(8). What it prints, and what its flags mean, are tcpdump's as far as there is such a flag here.

import { closeSync, constants, openSync } from 'node:fs'
import { Command, Option } from 'commander'
import { IMPAIR_OPTION, ON_OR_MACHINE_OPTION } from '../host.ts'
import { filePath, linkName } from '../option-values.ts'
import { hasColours } from '../terminal/paint.ts'
import { Screen } from '../terminal/screen.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { PID_MAX } from '../watched-program.ts'
import { wholeNumber } from '../whole-number.ts'
import { type CaptureFilter, FILTER_SYNTAX, parseFilter } from './capture-filter.ts'
import type { OctetsForm } from './capture-octets.ts'
import { showFile } from './capture-reading.ts'
import { CaptureTarget, type ShowPacket, type TargetOptions } from './capture-target.ts'
import { ConversationView } from './conversation-view.ts'
import { type ExtcapFlags, extcapAnswer, extcapProgram } from './extcap.ts'
import { installExtcap, uninstallExtcap } from './extcap-folder.ts'
import { checkSource, openSource, type SourceOptions } from './open-source.ts'
import { PacketText, type PacketTextFlags } from './packet-text.ts'

/** As tcpdump: so much of a packet is kept where nothing else is said, and so is all of it in fact. */
const SNAP_ALL = 262144
/** Milliseconds between two pictures of a window. */
const DRAWN = 500

interface CaptureOptions extends TargetOptions, SourceOptions, ExtcapFlags, Omit<PacketTextFlags, 'octets'> {
  readonly on?: string
  readonly read?: string
  readonly plain?: boolean
  /** How often each of -x, -X and -A stands there. */
  readonly hexadecimal?: number
  readonly both?: number
  readonly text?: number
  /** A folder, or true for where Wireshark looks. */
  readonly installExtcap?: string | true
  readonly uninstallExtcap?: string | true
}

/** For commander: how often an option stands there. */
const counted = (_: string, before: number | undefined) => (before ?? 0) + 1

export function captureCommand(version: string): Command {
  const flag = (flags: string, text: string) => new Option(flags, text).argParser(counted).preset('')
  const hidden = (flags: string) => new Option(flags, 'of Wireshark').hideHelp()
  return new Command('capture')
    .summary('show packets as tcpdump does, or write them for Wireshark')
    .description(
      "show what passes, as tcpdump does: at this machine's interfaces (root), at the stacks of a program that runs, or where a " +
        'stack of its own is joined to the network, which is a host meanwhile: it answers pings, and refuses connections',
    )
    .argument('[filter...]', FILTER_SYNTAX)
    .option(...ON_OR_MACHINE_OPTION)
    .option(
      '--pid <pid>',
      'the stacks of a running program of this user that has called showSockets, until it ends',
      wholeNumber(1, PID_MAX),
    )
    .option(
      '-w, --write <file>',
      'write pcapng to a file or a named pipe, "-": to standard output, as in -w - | tshark -r -',
      filePath,
    )
    .option('-r, --read <file>', 'show what a pcapng file has, "-": of standard input, without a stack', filePath)
    .option('-c, --count <count>', 'end after so many packets', wholeNumber(1, 0x7fffffff))
    .option('-s, --snapshot-length <octets>', 'keep so much of each packet', wholeNumber(1, SNAP_ALL), SNAP_ALL)
    .option(
      '-i, --interface <name>',
      'the interface to show, or any, all of them (the default): of a program or a file, server.eth0 or eth0',
      linkName,
    )
    .option('-p, --no-promiscuous-mode', "of one of this machine's interfaces, show what is for this machine alone")
    .option('-v, --verbose', 'print every field of every header')
    .option('-e, --link-header', 'print the Ethernet header')
    .option('-q, --quick', 'print less of TCP')
    .option('-S, --absolute', 'print sequence numbers as they are, not from those on that began the connection')
    .addOption(
      flag(
        '-t, --time',
        'no time; -tt: seconds since 1970; -ttt: since the packet before; -tttt: the date too; -ttttt: since the first',
      ),
    )
    .addOption(flag('-x, --hexadecimal', 'print the octets too, -xx: those of the Ethernet header as well'))
    .addOption(flag('-X, --both', 'print them as text too; -XX'))
    .addOption(flag('-A, --text', 'print them as text; -AA'))
    .option('--plain', 'print a line for each packet on a terminal too, in place of a view of who talks with whom')
    .option('-n, --numeric', 'print addresses and ports as numbers, which happens anyway')
    .option(...IMPAIR_OPTION)
    .option(
      '--install-extcap [folder]',
      'have Wireshark and tshark list an interface for it: in the folder where they look, or another',
      filePath,
    )
    .option('--uninstall-extcap [folder]', 'take that away', filePath)
    .addOption(hidden('--extcap-interfaces'))
    .addOption(hidden('--extcap-interface <name>'))
    .addOption(hidden('--extcap-dlts'))
    .addOption(hidden('--extcap-config'))
    .addOption(hidden('--extcap-capture-filter <filter>'))
    .addOption(hidden('--extcap-version <version>'))
    .addOption(hidden('--log-level <level>'))
    .addOption(hidden('--log-file <file>'))
    .addOption(hidden('--capture'))
    .addOption(hidden('--fifo <path>'))
    .action((words: string[], options: CaptureOptions) => run(words, options, version))
}

async function run(words: readonly string[], options: CaptureOptions, version: string): Promise<void> {
  const { installExtcap: install, uninstallExtcap: uninstall } = options
  const folder = (given: string | true) => (given === true ? null : given)
  if (install !== undefined) {
    process.stdout.write(`${installExtcap(folder(install))}: Wireshark and tshark -D list "jackfield" from now on\n`)
    return
  }
  if (uninstall !== undefined) {
    const path = uninstallExtcap(folder(uninstall))
    process.stdout.write(path === null ? 'there was none\n' : `${path} is gone\n`)
    return
  }
  const answer = await extcapAnswer(options, version)
  if (answer !== null) process.stdout.write(answer)
  else if (options.capture) await captureForWireshark(options)
  else await capture(parseFilter(words.join(' ')), options)
}

/** Into the pipe of Wireshark, which says by a signal, or by closing it, that it has seen enough. */
async function captureForWireshark(options: CaptureOptions): Promise<void> {
  const { fifo, extcapCaptureFilter = '', ...rest } = options
  if (fifo === undefined) throw new UsageError('--capture, of Wireshark, needs --fifo')
  try {
    await capture(parseFilter(extcapCaptureFilter), { ...rest, ...wiresharksSource(options), write: fifo })
  } catch (error) {
    endPipe(fifo)
    throw error
  }
}

function wiresharksSource(options: CaptureOptions): SourceOptions {
  const pid = extcapProgram(options)
  if (pid !== null) return { pid }
  const { on = process.env['JACKFIELD_ON'] } = options
  if (on !== undefined && on !== '') return { on }
  throw new UsageError(
    'say where the stack is: in the options of the interface, by -o extcap.jackfield.on:WHERE, or by JACKFIELD_ON',
  )
}

/** Wireshark waits for a writer of its pipe, even one who has failed. */
function endPipe(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch {
    // It does not.
  }
}

async function capture(filter: CaptureFilter, options: CaptureOptions): Promise<void> {
  const packets = new PacketText({ ...options, octets: octetsOf(options) })
  const window = watches(options) ? new ConversationView(performance.now()) : null
  const show: ShowPacket = (...packet) => {
    const text = packets.text(...packet)
    const [bytes, start, end, medium, length] = packet
    if (window === null) process.stdout.write(text)
    else window.packet(bytes, start, end, medium, length, text)
  }
  if (options.read !== undefined) return read(options.read, filter, options, show)
  checkSource(options)
  const target = new CaptureTarget(filter, options, show)
  // Wireshark takes what an extcap says there for an error.
  const say = (text: string) => options.capture || process.stderr.write(text)
  const source = await openSource(options, target)
  let last = ''
  try {
    target.open()
    const remark = source.remark === '' ? '' : `; ${source.remark}`
    // Who reads that it listens may end it.
    const enough = Promise.race([untilSignal(), target.over]).then(() => '')
    say(`listening on ${source.description}, snapshot length ${options.snapshotLength} bytes${remark}\n`)
    const over = Promise.race([enough, source.over])
    const why = await (window === null ? over : watch(window, source.name, over))
    if (why !== '') last = `${why}\n`
  } finally {
    // What is still to be written of it comes before the count of what was not.
    await source.close()
    await target.close()
    say(`${last}${target.summary(source.lost)}`)
  }
}

/** Whether it is a window that is looked at: what asks for more of each packet asks for lines. */
function watches({ plain, read, write, count, verbose, linkHeader, hexadecimal, both, text }: CaptureOptions): boolean {
  const lines = [plain, read, write, count, verbose, linkHeader, hexadecimal, both, text]
  return process.stdout.isTTY === true && lines.every((one) => one === undefined)
}

/** Shows who talks with whom until `over` is settled, whose value it gives, or somebody has seen enough. */
async function watch(view: ConversationView, name: string, over: Promise<string>): Promise<string> {
  const colours = hasColours(process.stdout)
  let quit = () => {}
  const asked = new Promise<string>((resolve) => {
    quit = () => resolve('')
  })
  const screen = new Screen(
    process.stdout,
    (columns, rows) => view.lines(name, columns, rows, colours),
    process.stdin,
    (key) => {
      if (key === 'q') quit()
      if (view.scroll.press(key)) screen.draw()
    },
  )
  const timer = setInterval(() => {
    view.tick(performance.now())
    if (!view.scroll.held) screen.draw()
  }, DRAWN)
  screen.open(false)
  try {
    return await Promise.race([over, asked])
  } finally {
    clearInterval(timer)
    screen.close()
  }
}

function read(path: string, filter: CaptureFilter, options: CaptureOptions, show: ShowPacket): void {
  const other = options.on !== undefined ? '--on' : options.pid !== undefined ? '--pid' : null
  if (other !== null) throw new UsageError(`-r ${JSON.stringify(path)} needs no stack: leave ${other} out`)
  if (options.write !== undefined) throw new UsageError('-r and -w exclude each other; write one')
  showFile(path, filter, options, show)
}

function octetsOf({ hexadecimal, both, text }: CaptureOptions): NonNullable<PacketTextFlags['octets']> | null {
  const forms: readonly (readonly [OctetsForm, number | undefined])[] = [
    ['X', both],
    ['A', text],
    ['x', hexadecimal],
  ]
  const found = forms.find(([, count]) => count !== undefined)
  return found === undefined ? null : { form: found[0], link: (found[1] ?? 0) > 1 }
}
