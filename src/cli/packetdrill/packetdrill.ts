// Read first: the packetdrill language, docs/packetdrill.md.

import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type IpVersion, ipVersionNamed, ipVersionsOf } from '../../drill/ip-version.ts'
import { parseScript } from '../../drill/parser.ts'
import { formatResult } from '../../drill/report.ts'
import { runScript } from '../../drill/runner.ts'
import type { TcpProfile } from '../../tcp/profile.ts'
import { UsageError } from '../usage-error.ts'
import { KernelSystem } from './kernel-system.ts'

interface PacketdrillOptions {
  readonly ip?: readonly string[]
  readonly define: Readonly<Record<string, string>>
  readonly json?: boolean
  readonly verbose?: boolean
  readonly strict?: boolean
  readonly seed?: number
  readonly profile: TcpProfile
  readonly on: 'stack' | 'os'
  readonly tolerance_usecs?: string
}

export function packetdrillCommand(): Command {
  return new Command('packetdrill')
    .description('run packetdrill scripts against the userspace stack on virtual time, or against the kernel')
    .argument('<file...>', 'scripts')
    .addOption(new Option('--ip <version...>', 'what to run over: ipv4, ipv6, mapped (default: as the file name says)'))
    .addOption(
      new Option('-D, --define <name=value>', 'a word to replace').argParser(define).default({}, 'those of the suite'),
    )
    .addOption(
      new Option('--profile <profile>', 'whose choices TCP makes').choices(['linux', 'default']).default('linux'),
    )
    .addOption(new Option('--on <system>', 'what is tested').choices(['stack', 'os']).default('stack'))
    .option('--strict', 'packets that nothing was expected of fail the script')
    .option('--tolerance_usecs <microseconds>', 'how far off a time may be')
    .action(packetdrill)
}

function define(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new UsageError(`-D must be NAME=VALUE, got '${text}'`)
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}

function versionsOf(names: readonly string[]): IpVersion[] {
  return names.map((name) => {
    const version = ipVersionNamed(name === 'mapped' ? 'ipv4-mapped-ipv6' : name)
    if (version === null) throw new UsageError(`--ip must be ipv4, ipv6 or mapped, got '${name}'`)
    return version
  })
}

function packetdrill(files: readonly string[], options: PacketdrillOptions): void {
  let failed = 0
  const asked = options.ip === undefined ? null : versionsOf(options.ip)
  for (const file of files) {
    for (const ipVersion of asked ?? ipVersionsOf(file)) {
      const text = read(file)
      const script = parseScript(text, file, { ipVersion, defines: { ...usualDefines(ipVersion), ...options.define } })
      const result = runScript(script, {
        profile: options.profile,
        strict: options.strict ?? false,
        ...(options.on === 'os' ? { system: (settings) => new KernelSystem(settings) } : {}),
        ...(options.tolerance_usecs === undefined ? {} : { options: { tolerance_usecs: options.tolerance_usecs } }),
      })
      if (!result.ok) failed++
      process.stdout.write(
        result.ok ? `ok   ${file} [${ipVersion}]\n` : `FAIL ${file} [${ipVersion}]\n${formatResult(result)}\n`,
      )
    }
  }
  if (failed > 0) process.exitCode = 1
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${JSON.stringify(file)} cannot be read: ${(error as Error).message}`)
  }
}

/** What the language's own suite defines for each of its runs. */
function usualDefines(version: IpVersion): Readonly<Record<string, string>> {
  if (version === 'ipv6') {
    return { TFO_COOKIE: 'c1d1e9742a47a9bc', CMSG_LEVEL_IP: 'SOL_IPV6', CMSG_TYPE_RECVERR: 'IPV6_RECVERR' }
  }
  const mapped = version === 'ipv4-mapped-ipv6'
  return {
    TFO_COOKIE: '3021b9d889017eeb',
    CODE: 'host_unreachable',
    CMSG_LEVEL_IP: mapped ? 'SOL_IPV6' : 'SOL_IP',
    CMSG_TYPE_RECVERR: mapped ? 'IPV6_RECVERR' : 'IP_RECVERR',
  }
}
