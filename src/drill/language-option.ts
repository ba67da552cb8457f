import { parseDrillAddress } from './drill-addresses.ts'
import { ipVersionNamed } from './ip-version.ts'

/** What every link carries at least: RFC 791 section 3.2. The most is what an IPv4 packet can say. */
const MTU_MIN = 68
const MTU_MAX = 65535

/** What is wrong with a value, as "a whole number from 68 to 65535"; null: nothing. */
type Check = (value: string) => string | null

const ANY: Check = () => null

function number(text: string): string | null {
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) || value < 0 ? 'a number from 0 up' : null
}

function whole(low: number, high: number): Check {
  return (text) => {
    const value = Number(text)
    return /^[0-9]+$/.test(text) && value >= low && value <= high ? null : `a whole number from ${low} to ${high}`
  }
}

function address(text: string): string | null {
  return parseDrillAddress(text) === null ? 'an IPv4 or IPv6 address' : null
}

function nonFatal(text: string): string | null {
  return /^(?:packet|syscall)(?:,(?:packet|syscall))*$/.test(text) ? null : "'packet', 'syscall' or 'packet,syscall'"
}

function version(text: string): string | null {
  return ipVersionNamed(text) === null ? 'ipv4, ipv4-mapped-ipv6 or ipv6' : null
}

const PORT = whole(0, 65535)

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['ip_version', version],
  ['local_ip', address],
  ['remote_ip', address],
  ['bind_port', PORT],
  ['connect_port', PORT],
  ['mtu', whole(MTU_MIN, MTU_MAX)],
  ['tolerance_usecs', number],
  ['tolerance_percent', number],
  ['tcp_ts_tick_usecs', number],
  ['non_fatal', nonFatal],
  ['strict_segments', ANY],
  ['tcp_ts_ecr_scaled', ANY],
  ['dry_run', ANY],
  // What a drill has no use for.
  ['define', ANY],
  ['gateway_ip', ANY],
  ['netmask_ip', ANY],
  ['init_scripts', ANY],
  ['speed', ANY],
  ['mss', ANY],
  ['is_anyip', ANY],
  ['send_omit_free', ANY],
  ['code_command', ANY],
  ['code_format', ANY],
  ['code_sockopt', ANY],
  ['verbose', ANY],
  ['debug', ANY],
])

/** What is wrong with an option of the language, of a script or of the caller; null: nothing. */
export function wrongLanguageOption(name: string, value: string | null): string | null {
  const check = CHECKS.get(name)
  if (check === undefined) {
    const why = /^(?:wire_|so_(?:filename|flags)$)/.test(name) ? ': the system that is tested runs in this process' : ''
    return `the option --${name} is not supported${why}`
  }
  const wanted = check(value ?? '')
  return wanted === null ? null : `--${name} must be ${wanted}, is '${value ?? ''}'`
}
