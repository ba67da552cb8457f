// Read first: docs/how-to/packetdrill.md.

import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type IpVersion, ipVersionNamed, ipVersionsOf } from '../../drill/ip-version.ts'
import { parseScript } from '../../drill/parser.ts'
import { runScript } from '../../drill/runner.ts'
import { suiteDefines } from '../../drill/suite-defines.ts'
import { ScriptSyntaxError } from '../../drill/syntax-error.ts'
import type { TcpProfile } from '../../tcp/profile.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import { KernelSystem } from './kernel-system.ts'
import { addLanguageOptions, givenLanguageOptions } from './language-options.ts'
import { jsonLine, passed, type Run, textOf } from './run-report.ts'
import { scriptFiles } from './script-files.ts'

interface PacketdrillOptions extends Readonly<Record<string, unknown>> {
  readonly ip?: readonly IpVersion[]
  readonly ip_version?: string
  readonly define: Readonly<Record<string, string>>
  readonly json?: boolean
  readonly verbose?: boolean
  readonly strict?: boolean
  readonly seed?: number
  readonly profile: TcpProfile
  readonly on: 'stack' | 'os'
}

/** A script that could not be read: what was given is wrong. */
const UNREADABLE = 2

export function packetdrillCommand(): Command {
  const command = new Command('packetdrill')
    .summary('run packetdrill scripts against the stack, or the kernel')
    .description('run packetdrill scripts against the userspace stack on virtual time, or against the kernel')
    .argument('<file...>', 'scripts, or folders of them')
    .addOption(
      new Option('--ip <version>', 'what to run over: ipv4, ipv6 or mapped; may be repeated').argParser(
        (text: string, before: readonly IpVersion[] | undefined) => [
          ...new Set([...(before ?? []), versionNamed(text)]),
        ],
      ),
    )
    .addOption(
      new Option('-D, --define <name=value>', 'a word to replace; may be repeated')
        .argParser(define)
        .default({}, 'those of the suite'),
    )
    .addOption(
      new Option('--profile <profile>', 'whose choices TCP makes').choices(['linux', 'default']).default('linux'),
    )
    .addOption(new Option('--on <system>', 'what is tested').choices(['stack', 'os']).default('stack'))
    .addOption(
      new Option('--seed <number>', "of the stack's randomness (default: 1)").argParser(wholeNumber(0, 2 ** 31 - 1)),
    )
    .option('--strict', 'packets that nothing was expected of, and settings without effect, fail the script')
    .option('--json', 'a line of JSON for each run')
    .option('-v, --verbose', 'every packet and call as it happens')
  return addLanguageOptions(command).action(packetdrill)
}

function define(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const match = /^([A-Za-z0-9_]+)=(.+)$/s.exec(text)
  if (match === null) throw new UsageError(`-D must be NAME=VALUE, got '${text}'`)
  const [, name, value] = match as unknown as [string, string, string]
  return { ...before, [name]: value }
}

function versionNamed(name: string): IpVersion {
  const version = ipVersionNamed(name === 'mapped' ? 'ipv4-mapped-ipv6' : name)
  if (version === null) throw new UsageError(`--ip must be ipv4, ipv6 or mapped, got '${name}'`)
  return version
}

/** What --ip and --ip_version ask for; null: nothing. */
function versionsAsked({ ip, ip_version: name }: PacketdrillOptions): readonly IpVersion[] | null {
  if (name === undefined) return ip ?? null
  const version = ipVersionNamed(name)
  if (version === null) throw new UsageError(`--ip_version must be ipv4, ipv4-mapped-ipv6 or ipv6, got '${name}'`)
  if (ip !== undefined && (ip.length > 1 || ip[0] !== version)) {
    const asked = ip.map((one) => `--ip ${one === 'ipv4-mapped-ipv6' ? 'mapped' : one}`).join(' ')
    throw new UsageError(`${asked} and --ip_version=${name} contradict each other: give one of the two`)
  }
  return [version]
}

function packetdrill(paths: readonly string[], options: PacketdrillOptions): void {
  const startedAt = performance.now()
  const asked = versionsAsked(options)
  const language = givenLanguageOptions(options)
  let runs = 0
  let failed = 0
  let unreadable = 0
  for (const file of scriptFiles(paths)) {
    const text = read(file)
    for (const run of runsOf(file, text, asked, language, options)) {
      runs++
      if (!passed(run)) failed++
      if (run.syntaxError !== null) unreadable++
      process.stdout.write(`${options.json === true ? jsonLine(run) : textOf(run)}\n`)
    }
  }
  if (options.json !== true) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    process.stdout.write(`${runs - failed} passed, ${failed} failed in ${seconds} s\n`)
  }
  if (failed > 0) process.exitCode = unreadable > 0 ? UNREADABLE : 1
}

function* runsOf(
  file: string,
  text: string,
  asked: readonly IpVersion[] | null,
  language: Readonly<Record<string, string>>,
  options: PacketdrillOptions,
): Generator<Run> {
  const versions = asked ?? ownVersions(file, text)
  for (const ipVersion of versions) {
    try {
      const script = parseScript(text, file, { ipVersion, defines: { ...suiteDefines(ipVersion), ...options.define } })
      const result = runScript(script, {
        profile: options.profile,
        strict: options.strict ?? false,
        options: language,
        ...(options.seed === undefined ? {} : { seed: options.seed }),
        ...(options.verbose === true ? { trace: (line: string) => process.stdout.write(`${line}\n`) } : {}),
        ...(options.on === 'os' ? { system: (settings) => new KernelSystem(settings) } : {}),
      })
      yield { file, ipVersion, result, error: null, syntaxError: null }
    } catch (error) {
      if (error instanceof ScriptSyntaxError) {
        // What cannot be read is told once, not for every version.
        const told = versions.length === 1 ? ipVersion : null
        yield { file, ipVersion: told, result: null, error: error.message, syntaxError: error }
        return
      }
      const { code, message, stack } = error as Error & { code?: string }
      if (options.on === 'os' && code === 'EPERM') throw new UsageError(`--on os: ${message}`)
      // What else is thrown is a defect of what was tested: the other scripts are run all the same.
      yield { file, ipVersion, result: null, error: `the run broke off: ${stack ?? String(error)}`, syntaxError: null }
    }
  }
}

/** The versions that a script is for: the one that it names, or those of its file's name. */
function ownVersions(file: string, text: string): readonly IpVersion[] {
  const own = ipVersionNamed(/^\s*--ip_version=([a-z0-9-]+)/m.exec(text)?.[1] ?? '')
  return own === null ? ipVersionsOf(file) : [own]
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${JSON.stringify(file)} cannot be read: ${(error as Error).message}`)
  }
}
