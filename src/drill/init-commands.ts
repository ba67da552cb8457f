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

// Variables by their sysctl(8) names.
const VARIABLES: Readonly<Record<string, Setting>> = {
  'net.ipv4.tcp_sack': always('1'),
  'net.ipv4.tcp_timestamps': always('1'),
  'net.ipv4.tcp_window_scaling': always('1'),
  'net.ipv4.tcp_syn_retries': always('6'),
  'net.ipv4.tcp_synack_retries': always('5'),
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
