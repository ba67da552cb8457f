// Read first: extcap(4), and "Packet capture" in the Wireshark Developer's Guide: what Wireshark asks, and how it is answered.

import { UsageError } from '../usage-error.ts'
import { parseWhere } from '../where.ts'
import { WHERE_EXAMPLE } from '../where-example.ts'
import { parseFilter } from './capture-filter.ts'

/** The interface that Wireshark lists. */
export const EXTCAP_INTERFACE = 'jackfield'

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
export function extcapAnswer(flags: ExtcapFlags, version: string): string | null {
  if (flags.extcapInterfaces) {
    return (
      `extcap {version=${version}}{display=Jackfield}\n` +
      `interface {value=${EXTCAP_INTERFACE}}{display=Jackfield: a stack of its own, joined to this machine's network}\n`
    )
  }
  const asks = flags.extcapDlts || flags.extcapConfig || (flags.extcapCaptureFilter !== undefined && !flags.capture)
  if (!asks && !flags.capture) return null
  if (flags.extcapInterface !== EXTCAP_INTERFACE) {
    const given = JSON.stringify(flags.extcapInterface ?? '')
    throw new UsageError(`--extcap-interface ${given} is no interface that there is; there is ${EXTCAP_INTERFACE}`)
  }
  if (flags.extcapDlts) return linkTypes(flags)
  if (flags.extcapConfig) return CONFIGURATION
  if (flags.extcapCaptureFilter === undefined || flags.capture) return null
  return filterFault(flags.extcapCaptureFilter)
}

/** Before it is known where the stack is, it is where most are. */
function linkTypes({ on }: ExtcapFlags): string {
  const raw = on !== undefined && parseWhere(on).kind === 'tun'
  return raw
    ? `dlt {number=${LINK_RAW}}{name=RAW}{display=Raw IP}\n`
    : `dlt {number=${LINK_ETHERNET}}{name=EN10MB}{display=Ethernet}\n`
}

/** What Wireshark asks the user for. */
const CONFIGURATION = [
  `arg {number=0}{call=--on}{display=Where the stack is}{type=string}{required=true}{placeholder=${WHERE_EXAMPLE}}` +
    '{tooltip=tap:NAME,ADDRESS/PREFIX or tun:NAME,ADDRESS/PREFIX, as --on of jackfield has it}',
  'arg {number=1}{call=--impair}{display=Make the link a bad one}{type=string}{placeholder=loss=3%,delay=10ms}' +
    '{tooltip=loss, delay, jitter, reorder, duplicate, corrupt, rate, seed}',
  'arg {number=2}{call=--snapshot-length}{display=Octets of each packet}{type=integer}{range=1,262144}{default=262144}',
  '',
].join('\n')

/** What is wrong with a filter; nothing where it is right, which is what Wireshark looks at. */
function filterFault(text: string): string {
  try {
    parseFilter(text)
    return ''
  } catch (error) {
    return `${(error as Error).message}\n`
  }
}
