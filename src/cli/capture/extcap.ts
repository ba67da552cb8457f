// Read first: extcap(4), and "Packet capture" in the Wireshark Developer's Guide: what Wireshark asks, and how it is answered.

import { UsageError } from '../usage-error.ts'
import { parseWhere } from '../where.ts'
import { WHERE_EXAMPLE } from '../where-example.ts'
import { parseFilter } from './capture-filter.ts'
import { ANY } from './capture-source.ts'
import { type ShownProgram, shownProgram, shownPrograms } from './shown-programs.ts'

/** The interface that Wireshark lists for a stack that is made; one for each program that runs has its number behind it. */
const EXTCAP_INTERFACE = 'jackfield'
const PROGRAM = /^jackfield-(\d{1,7})$/

export interface ExtcapFlags {
  readonly extcapInterfaces?: boolean
  readonly extcapInterface?: string
  readonly extcapDlts?: boolean
  readonly extcapConfig?: boolean
  readonly extcapCaptureFilter?: string
  /** "4.0": of Wireshark. */
  readonly extcapVersion?: string
  /** The capture is to begin. */
  readonly capture?: boolean
  readonly fifo?: string
  readonly on?: string
}

const LINK_ETHERNET = 1
const LINK_RAW = 101

/** What is printed for what Wireshark asks; null where it asks for a capture, or is not the one who asks. */
export async function extcapAnswer(flags: ExtcapFlags, version: string): Promise<string | null> {
  if (flags.extcapInterfaces) return interfaces(await shownPrograms(), version)
  const asks = flags.extcapDlts || flags.extcapConfig || (flags.extcapCaptureFilter !== undefined && !flags.capture)
  if (!asks && !flags.capture) return null
  const pid = extcapProgram(flags)
  if (flags.extcapDlts) return pid === null ? linkTypes(flags) : programLinkTypes(await shownProgram(pid))
  if (flags.extcapConfig) return pid === null ? CONFIGURATION : programConfiguration(await shownProgram(pid))
  if (flags.extcapCaptureFilter === undefined || flags.capture) return null
  return filterFault(flags.extcapCaptureFilter)
}

/** The process whose interface Wireshark speaks of; null for that of a stack that is made. Throws where there is no such interface. */
export function extcapProgram({ extcapInterface: name = '' }: ExtcapFlags): number | null {
  if (name === EXTCAP_INTERFACE) return null
  const pid = PROGRAM.exec(name)?.[1]
  if (pid !== undefined) return Number(pid)
  throw new UsageError(
    `--extcap-interface ${JSON.stringify(name)} is no interface that there is; there is ${EXTCAP_INTERFACE}, ` +
      `and ${EXTCAP_INTERFACE}-PID for a program that runs`,
  )
}

function interfaces(programs: readonly ShownProgram[], version: string): string {
  const running = programs.map(
    ({ pid, name }) =>
      `interface {value=${EXTCAP_INTERFACE}-${pid}}{display=Jackfield: ${sentence(name)}, process ${pid}}\n`,
  )
  return (
    `extcap {version=${version}}{display=Jackfield}\n` +
    `interface {value=${EXTCAP_INTERFACE}}{display=Jackfield: a stack of its own, joined to this machine's network}\n` +
    running.join('')
  )
}

/** What stands in braces has none. */
function sentence(name: string): string {
  return name.replaceAll(/[{}]/g, '_')
}

/** Before it is known where the stack is, it is where most are. */
function linkTypes({ on }: ExtcapFlags): string {
  return linkType(on !== undefined && on !== 'os' && parseWhere(on).kind === 'tun')
}

/** Each interface of a program is of its own kind, as the file says of each: this is the kind of most links. */
function programLinkTypes({ links }: ShownProgram): string {
  return linkType(links.length > 0 && links.every(({ medium }) => medium === 'ip'))
}

function linkType(isRaw: boolean): string {
  return isRaw
    ? `dlt {number=${LINK_RAW}}{name=RAW}{display=Raw IP}\n`
    : `dlt {number=${LINK_ETHERNET}}{name=EN10MB}{display=Ethernet}\n`
}

/** What Wireshark asks the user for. */
const CONFIGURATION = [
  `arg {number=0}{call=--on}{display=Where the stack is}{type=string}{required=true}{placeholder=${WHERE_EXAMPLE}}` +
    '{tooltip=tap:NAME,ADDRESS/PREFIX or tun:NAME,ADDRESS/PREFIX, as --on of jackfield has it}',
  'arg {number=1}{call=--impair}{display=Make the link a bad one}{type=string}{placeholder=loss=3%,delay=10ms}' +
    '{tooltip=loss, delay, jitter, reorder, duplicate, corrupt, rate, seed}',
  snapshotLength(2),
  '',
].join('\n')

/** Nothing has to be said of a program: all its interfaces are captured at, or one. */
function programConfiguration({ links }: ShownProgram): string {
  // What cannot stand there is captured with all of them.
  const values = links.map(({ name }) => name).filter((name) => name === sentence(name))
  return [
    `arg {number=0}{call=--interface}{display=Interface}{type=selector}{default=${ANY}}`,
    `value {arg=0}{value=${ANY}}{display=All of them}{default=true}`,
    ...values.map((name) => `value {arg=0}{value=${name}}{display=${name}}{default=false}`),
    snapshotLength(1),
    '',
  ].join('\n')
}

function snapshotLength(number: number): string {
  const range = '{type=integer}{range=1,262144}{default=262144}'
  return `arg {number=${number}}{call=--snapshot-length}{display=Octets of each packet}${range}`
}

/** What is wrong with a filter; nothing where it is right, which is what Wireshark looks at. */
function filterFault(text: string): string {
  try {
    parseFilter(text)
    return ''
  } catch (error) {
    return `${(error as Error).message}\n`
  }
}
