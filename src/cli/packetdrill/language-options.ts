// The options of packetdrill itself, by their own names, as they may stand in scripts too.

import { type Command, Option } from 'commander'
import { wrongLanguageOption } from '../../drill/language-option.ts'
import { UsageError } from '../usage-error.ts'

const VALUES: Readonly<Record<string, string>> = {
  ip_version: 'ipv4, ipv4-mapped-ipv6 or ipv6; as --ip',
  bind_port: 'what bind() binds to (default: 8080)',
  connect_port: 'what connect() connects to (default: 8080)',
  local_ip: 'the address of the system that is tested',
  remote_ip: "the address of the script's side",
  gateway_ip: 'without effect: there is no gateway',
  netmask_ip: 'without effect: the prefix of --local_ip counts',
  mtu: 'of the link',
  mss: 'without effect',
  speed: 'without effect',
  init_scripts: 'without effect',
  tolerance_usecs: 'how far off a time may be, in microseconds (default: 4000)',
  tolerance_percent: 'the same as a share of the time since the event before (default: 12.5)',
  tcp_ts_tick_usecs: 'compare timestamps, of which a tick is this long',
  non_fatal: 'packet, syscall or both: what differs is told and the script goes on',
  code_command: 'without effect: code is run here',
  code_format: 'without effect',
  code_sockopt: 'without effect',
}
const FLAGS: Readonly<Record<string, string>> = {
  tcp_ts_ecr_scaled: 'echo any timestamp, by its distance to the first',
  strict_segments: 'segments are not joined',
  dry_run: 'read the scripts, and do not run them',
  is_anyip: 'without effect',
  send_omit_free: 'without effect',
  debug: 'show where an error comes from (stack trace)',
}
const REFUSED: Readonly<Record<string, string>> = {
  wire_client: 'there is no second machine: the system that is tested runs here',
  wire_server: 'there is no second machine: the system that is tested runs here',
  wire_server_ip: 'there is no second machine: the system that is tested runs here',
  wire_server_port: 'there is no second machine: the system that is tested runs here',
  wire_client_dev: 'there is no second machine: the system that is tested runs here',
  wire_server_dev: 'there is no second machine: the system that is tested runs here',
  so_filename:
    'no shared object is loaded: a system of your own is tested by the library, with the option system of runScript',
  so_flags:
    'no shared object is loaded: a system of your own is tested by the library, with the option system of runScript',
}

/** Adds them to the command, those without use to it too, so that a command line for packetdrill works. */
export function addLanguageOptions(command: Command): Command {
  for (const [name, text] of Object.entries(VALUES)) {
    command.addOption(new Option(`--${name} <value>`, text).helpGroup('Options of packetdrill itself:'))
  }
  for (const [name, text] of Object.entries(FLAGS)) {
    command.addOption(new Option(`--${name}`, text).helpGroup('Options of packetdrill itself:'))
  }
  for (const name of Object.keys(REFUSED))
    command.addOption(new Option(/^wire_(?:client|server)$/.test(name) ? `--${name}` : `--${name} <value>`).hideHelp())
  return command
}

/** Those that were given, for `runScript`. A UsageError for what cannot be had. */
export function givenLanguageOptions(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, reason] of Object.entries(REFUSED)) {
    if (options[name] !== undefined) throw new UsageError(`--${name} is not supported: ${reason}`)
  }
  for (const name of [...Object.keys(VALUES), ...Object.keys(FLAGS)]) {
    if (name !== 'ip_version' && options[name] !== undefined) given[name] = String(options[name])
  }
  for (const [name, value] of Object.entries(given)) {
    const wrong = wrongLanguageOption(name, value)
    if (wrong !== null) throw new UsageError(wrong)
  }
  return given
}
