// The shell commands of scripts configure a Linux host: sysctl(8), ip(8), tc(8). A drill has no shell and no kernel; it
// reads the few forms that occur and sets its stack up the same, or says that it cannot.

import { DrillFailure } from './failure.ts'
import type { StackSettings } from './host-settings.ts'
import type { ShellCommand } from './script.ts'

/** What a variable does to the stack. */
type Setting = (settings: StackSettings, value: string) => StackSettings

/** The stack is always like that: any value but these cannot be had. */
function always(...values: string[]): Setting {
  return (settings, value) => {
    if (!values.includes(value)) throw new RangeError(`only ${values.join(' or ')} can be had`)
    return settings
  }
}

/** It makes no difference that the script language could show. */
const anything: Setting = (settings) => settings

type TcpSettings = NonNullable<StackSettings['tcp']>

function tcp(settings: StackSettings, change: TcpSettings): StackSettings {
  return { ...settings, tcp: { ...settings.tcp, ...change } }
}

function numberIn(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isInteger(number) || number < 0) throw new RangeError('a number is wanted')
  return number
}

function onOff(name: 'timestamps' | 'sack' | 'windowScaling' | 'slowStartAfterIdle' | 'ecnFallback'): Setting {
  return (settings, value) => tcp(settings, { [name]: numberIn(value) !== 0 })
}

type Count =
  | 'ecn'
  | 'synRetries'
  | 'synAckRetries'
  | 'retries1'
  | 'retries2'
  | 'orphanRetries'
  | 'keepAliveProbes'
  | 'finWait2'
  | 'keepAliveTime'
  | 'keepAliveInterval'

/** `unit`: milliseconds of one, for a time. */
function count(name: Count, unit = 1): Setting {
  return (settings, value) => tcp(settings, { [name]: numberIn(value) * unit })
}

/** `least default most` of a buffer. Linux counts its own bookkeeping: half is data, as with SO_RCVBUF and SO_SNDBUF. */
function buffer(change: (usual: number, most: number) => TcpSettings): Setting {
  return (settings, value) => {
    const [, usual, most] = value.trim().split(/\s+/).map(numberIn)
    if (usual === undefined || most === undefined) throw new RangeError('three numbers are wanted')
    return tcp(settings, change(usual, most))
  }
}

// Variables by their sysctl(8) names.
const VARIABLES: Readonly<Record<string, Setting>> = {
  'net.ipv4.tcp_sack': onOff('sack'),
  'net.ipv4.tcp_timestamps': onOff('timestamps'),
  'net.ipv4.tcp_window_scaling': onOff('windowScaling'),
  'net.ipv4.tcp_slow_start_after_idle': onOff('slowStartAfterIdle'),
  // 0: no tail loss probe; from 3 on there is one.
  'net.ipv4.tcp_early_retrans': (settings, value) => tcp(settings, { tailLossProbe: numberIn(value) >= 3 }),
  'net.ipv4.tcp_syn_retries': count('synRetries'),
  'net.ipv4.tcp_synack_retries': count('synAckRetries'),
  'net.ipv4.tcp_retries1': count('retries1'),
  'net.ipv4.tcp_retries2': count('retries2'),
  'net.ipv4.tcp_orphan_retries': count('orphanRetries'),
  'net.ipv4.tcp_fin_timeout': count('finWait2', 1000),
  'net.ipv4.tcp_keepalive_time': count('keepAliveTime', 1000),
  'net.ipv4.tcp_keepalive_intvl': count('keepAliveInterval', 1000),
  'net.ipv4.tcp_keepalive_probes': count('keepAliveProbes'),
  // The window scale is chosen for the most that the buffer may become, bookkeeping included.
  'net.ipv4.tcp_rmem': buffer((usual, most) => ({ receiveBuffer: usual >> 1, receiveBufferMax: most })),
  'net.ipv4.tcp_wmem': buffer((usual) => ({ sendBuffer: usual >> 1 })),
  'net.ipv4.tcp_congestion_control': always('reno'),
  'net.ipv4.tcp_ecn': count('ecn'),
  'net.ipv4.tcp_ecn_fallback': onOff('ecnFallback'),
  'net.ipv4.tcp_no_metrics_save': anything,
}

// Commands that change nothing a script can see: there is no queueing discipline, no offload and no cache of metrics here.
const WITHOUT_EFFECT = /^(?:tc qdisc |ethtool -K |ip tcp_metrics flush|nstat\b|dd |sleep |true$|:$)/

/** The settings after a script's command. Throws a DrillFailure for a command or variable that is not understood. */
export function applyCommand(command: ShellCommand, settings: StackSettings): StackSettings {
  let result = settings
  for (const part of command.text.split(/\n|;|&&/)) {
    const words = part
      .replace(/#.*$/, '')
      .replace(/(?:[0-9&]*>+ *\S+|\|\| *true)/g, '')
      .trim()
    if (words === '' || WITHOUT_EFFECT.test(words)) continue
    result = applyOne(command, words, result)
  }
  return result
}

function applyOne(command: ShellCommand, text: string, settings: StackSettings): StackSettings {
  const words = text.split(/\s+/)
  const program = words[0] as string // Not empty: just trimmed and looked at.
  const assignments = words.slice(1).filter((word) => !word.startsWith('-'))
  if (!/(?:^|\/)(?:sysctl|set_sysctls\.py)$/.test(program)) {
    throw new DrillFailure(command, `the command '${text}' is not understood`)
  }
  let result = settings
  for (const assignment of joinSpaced(assignments)) {
    const equals = assignment.indexOf('=')
    const name = assignment
      .slice(0, Math.max(0, equals))
      .replace(/^\/proc\/sys\//, '')
      .replaceAll('/', '.')
    const setting = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined
    if (setting === undefined) throw new DrillFailure(command, `the variable '${name || assignment}' is not understood`)
    const value = assignment.slice(equals + 1).replace(/^["']|["']$/g, '')
    try {
      result = setting(result, value)
    } catch (error) {
      throw new DrillFailure(command, `${name}=${value}: ${(error as Error).message}`)
    }
  }
  return result
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
