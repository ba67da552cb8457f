// The shell commands of scripts configure a Linux host: sysctl(8), ip(8), tc(8). A drill has no shell and no kernel; it
// reads the few forms that occur and sets its stack up the same, or says that it cannot.

import { BASELINE } from './baseline.ts'
import { DrillFailure } from './failure.ts'
import type { HostControl } from './host-control.ts'
import { readRouteChange } from './route-command.ts'
import type { ShellCommand } from './script.ts'
import { type SimpleCommand, simpleCommands } from './shell-words.ts'
import { setParameter, setVariable } from './variables.ts'

// They change nothing that a script can see: there is no queueing discipline, no offload and no cache of metrics here.
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'tc',
  'ethtool',
  'nstat',
  'true',
  ':',
  'cd',
  'sync',
  'modprobe',
  'rm',
  'mkdir',
  'chmod',
  'sleep',
  'cat',
  'grep',
  'ss',
])
const INTERPRETERS: ReadonlySet<string> = new Set(['sh', 'bash', 'python', 'python3', '.', 'source', 'sudo', 'exec'])

/** Does to the stack what a script's command does to Linux. Throws a DrillFailure for one that is not understood. */
export function applyCommand(command: ShellCommand, host: HostControl): void {
  for (const simple of simpleCommands(command.text)) {
    try {
      applyOne(simple, host)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new DrillFailure(command, error.message)
    }
  }
}

function applyOne({ words: all, into }: SimpleCommand, host: HostControl): void {
  const skipped = all.findIndex((word) => !INTERPRETERS.has(word))
  const words = skipped < 0 ? all : all.slice(skipped)
  const program = (words[0] as string).replace(/^.*\//, '') // Not empty: a command has words.
  const args = words.slice(1)
  if (program === 'false') {
    throw new RangeError(`the command '${all.join(' ')}' fails`)
  }
  if (program === 'defaults.sh') {
    for (const [name, value] of BASELINE) assign(host, name, value)
  } else if (program === 'sysctl' || program === 'set_sysctls.py') {
    for (const assignment of joinSpaced(args.filter((word) => !word.startsWith('-')))) {
      const equals = assignment.indexOf('=')
      if (equals > 0) assign(host, assignment.slice(0, equals), assignment.slice(equals + 1).trim())
      else if (program !== 'sysctl') throw new RangeError(`'${assignment}' is no assignment`)
    }
  } else if (program === 'echo' || program === 'printf') {
    if (into !== null && into !== '/dev/null') write(host, into, args.filter((word) => word !== '-n').join(' '))
  } else if (program === 'dd' || program === 'truncate') {
    makeFile(program, args, host)
  } else if (program === 'ip') {
    configureIp(args, host)
  } else if (!WITHOUT_EFFECT.has(program) && !/^sysctl_restore_/.test(program)) {
    throw new RangeError(`the command '${all.join(' ')}' is not understood`)
  }
}

function assign(host: HostControl, name: string, value: string): void {
  try {
    setVariable(host, name, value)
  } catch (error) {
    throw new RangeError(`${name}=${value}: ${(error as Error).message}`)
  }
}

function write(host: HostControl, path: string, value: string): void {
  if (path.startsWith('/proc/sys/')) assign(host, path, value)
  else setParameter(host, path, value)
}

// ip-route(8), ip-link(8), ip-tcp_metrics(8). Objects may be abbreviated.
function configureIp(args: readonly string[], host: HostControl): void {
  const [object = '', ...rest] = args.filter((word) => !word.startsWith('-'))
  const text = `ip ${args.join(' ')}`
  if (/^tcp_?m/.test(object)) {
    if (/^(?:fl|del)/.test(rest[0] ?? '')) host.forgetPeers()
    return
  }
  if (/^r/.test(object) && /^(?:sh|li|ls|fl|get)/.test(rest[0] ?? 'show')) return
  const change = /^r/.test(object) ? readRouteChange(rest) : null
  if (change !== null) host.changeRoute(change)
  else host.note(`'${text}' has no effect here`)
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1 << 20, g: 1 << 30, kb: 1000, mb: 1e6 }

// dd(1), truncate(1)
function makeFile(program: string, args: readonly string[], host: HostControl): void {
  const operand = (name: string) => args.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
  const size = args[args.indexOf('-s') + 1]
  if (program === 'truncate') host.file(args[args.length - 1] ?? '', octetsOf(args.includes('-s') ? size : undefined))
  else host.file(operand('of') ?? '', octetsOf(operand('bs') ?? '512') * octetsOf(operand('count') ?? '1'))
}

function octetsOf(text: string | undefined): number {
  const [, digits, unit] = /^([0-9]+)([A-Za-z]*)$/.exec(text ?? '') ?? []
  const factor = UNITS[(unit ?? '').toLowerCase()]
  if (digits === undefined || factor === undefined) throw new RangeError(`'${text ?? ''}' is no size`)
  return Number(digits) * factor
}

/** `a=1 2 3` is one assignment of three numbers. */
function joinSpaced(words: readonly string[]): string[] {
  const assignments: string[] = []
  for (const word of words) {
    if (word.includes('=') || assignments.length === 0) assignments.push(word)
    else assignments[assignments.length - 1] += ` ${word}`
  }
  return assignments
}
