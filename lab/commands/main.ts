// A command of a host's terminal, as src/cli/main.ts is of a shell's: what it is stands in process.argv.

import type { Command } from 'commander'
import { digCommand } from '../../src/cli/dig/dig.ts'
import { explainErrors } from '../../src/cli/explain.ts'
import { iperf3Command } from '../../src/cli/iperf3/iperf3.ts'
import { ncCommand } from '../../src/cli/nc/nc.ts'
import { netstatCommand } from '../../src/cli/netstat/netstat.ts'
import { described } from '../../src/cli/option-description.ts'
import { pingCommand } from '../../src/cli/ping/ping.ts'
import { report } from '../../src/cli/report.ts'
import { tracerouteCommand } from '../../src/cli/traceroute/traceroute.ts'
import { usageStatus } from '../../src/cli/usage-status.ts'
import type { CommandProcess } from '../engine/command-machine.ts'
import { COMMANDS } from './names.ts'

declare const VERSION: string
declare const process: CommandProcess

/** As a shell says it of a command that there is not. */
const NOT_FOUND = 127

const MADE: Readonly<Record<string, () => Command>> = {
  ping: pingCommand,
  traceroute: tracerouteCommand,
  nc: ncCommand,
  dig: () => digCommand(VERSION),
  netstat: netstatCommand,
  iperf3: () => iperf3Command(VERSION),
}

/** Options that say where a stack is: on a host of the lab there is one. */
const ELSEWHERE = new Set([
  '--on',
  '--impair',
  '--capture',
  '--unix',
  '--os',
  '--userspace',
  '--processes',
  '--logfile',
])

function commandOf(name: string, make: () => Command): Command {
  const command = make()
  for (const option of command.options) if (ELSEWHERE.has(option.long ?? '')) option.hideHelp()
  command.configureHelp({ optionDescription: described })
  explainErrors(command)
  return command.name(name)
}

async function run([name = '', ...words]: readonly string[]): Promise<number> {
  if (name === 'help') {
    process.stdout.write(
      Object.entries(COMMANDS)
        .map(([one, what]) => `${one.padEnd(12)}${what}\n`)
        .join(''),
    )
    return 0
  }
  const make = Object.hasOwn(MADE, name) ? MADE[name] : undefined
  if (make === undefined) {
    process.stderr.write(`${name}: command not found; there are ${Object.keys(COMMANDS).join(', ')}\n`)
    return NOT_FOUND
  }
  try {
    await commandOf(name, make).parseAsync([...words], { from: 'user' })
    return process.exitCode ?? 0
  } catch (error) {
    return report(error, usageStatus([name]))
  }
}

void run(process.argv.slice(2)).then((status) => process.exit(status))
