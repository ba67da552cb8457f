// Each option of each command that takes a value, found in commander's own tree, so that none is forgotten: what is given to it that
// is wrong is refused in one line that names the option. In this process, where it takes a hundredth of what one of its own does.

import { CommanderError, type Option } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

/** Empty, negative, huge, more than a double holds, no number, a wrong word, an octet 0, and two numbers. */
const WRONG = ['', '-1', '99999999999999999999', '1e400', 'NaN', 'wrong word', 'a\0b', '1.5.2'] as const

type Wrong = (typeof WRONG)[number]

const PATHS: readonly Wrong[] = ['-1', '99999999999999999999', '1e400', 'NaN', 'wrong word', '1.5.2']
const NAMES: readonly Wrong[] = ['-1', '99999999999999999999', '1e400', 'NaN', '1.5.2']
const LINES: readonly Wrong[] = ['', ...PATHS]

/** Which of them are right for an option after all, by what its help calls the value. What is not here may have none. */
const RIGHT: Readonly<Record<string, readonly Wrong[]>> = {
  file: PATHS,
  path: PATHS,
  folder: PATHS,
  host: NAMES,
  domain: NAMES,
  interface: ['-1', '1e400', 'NaN', '1.5.2'],
  algorithm: ['NaN'],
  method: NAMES,
}

/** And by the option itself. */
const RIGHT_OF: Readonly<Record<string, readonly Wrong[]>> = {
  'ping --source': NAMES,
  'traceroute --source': NAMES,
  'nc --source': PATHS,
  'nc --port': [],
  'nc --proxy': NAMES,
  'nc --proxy-user': LINES,
  'iperf3 --bind': NAMES,
  'ping --pattern': ['99999999999999999999', '1e400'],
  'dig --type': NAMES,
  'dig --class': NAMES,
  'dig --name': NAMES,
  'iperf3 --title': LINES,
  'iperf3 --extra-data': LINES,
  'fetch --data': WRONG,
  'fetch --data-binary': WRONG,
  'fetch --data-raw': WRONG,
  'fetch --data-urlencode': WRONG,
  'fetch --json': WRONG,
  'fetch --user': LINES,
  'fetch --proxy-user': LINES,
  'fetch --oauth2-bearer': LINES,
  'fetch --interface': NAMES,
  'fetch --proxy': ['', ...NAMES],
  'fetch --noproxy': LINES,
  'fetch --referer': LINES,
  'fetch --cookie': LINES,
  // The last octet, and a number of many.
  'fetch --range': ['-1'],
  'fetch --user-agent': LINES,
  'fetch --write-out': WRONG,
  // A program calls its interfaces anything.
  'capture --interface': PATHS,
  // Any number is a tolerance.
  'packetdrill --tolerance_usecs': ['99999999999999999999'],
  'packetdrill --tolerance_percent': ['99999999999999999999'],
  'packetdrill --tcp_ts_tick_usecs': ['99999999999999999999'],
  // A path may stand behind -c.
  'netstat --continuous': ['', 'NaN', 'wrong word'],
}

/** Options of packetdrill itself that have no effect here. */
const IGNORED = [
  'gateway_ip',
  'netmask_ip',
  'mss',
  'speed',
  'init_scripts',
  'code_command',
  'code_format',
  'code_sockopt',
]

/** What is looked at when the command has begun, before anything is opened: options that say where sockets are, and these. */
const BEGUN = ['--on', '--impair', '--dns']
const BEGUN_OF = [
  'nc --port',
  'dig --reverse',
  'serve --zone-file',
  'serve --transfer',
  'router --route',
  'demo --loss',
  'netstat --continuous',
]

/** The words that each command needs besides. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  serve: ['echo'],
  router: ['--on=tap:t0,10.0.0.2/24', '--on=tap:t1,10.0.1.2/24'],
  ping: ['10.0.0.9'],
  traceroute: ['192.0.2.1'],
  nc: ['192.0.2.1', '7'],
  relay: ['tcp-listen:8080', 'tcp:10.0.0.9:80'],
  iperf3: ['-s'],
  fetch: ['http://192.0.2.1/'],
  dig: ['@192.0.2.1'],
  trace: ['/no/such/program.mjs'],
  packetdrill: ['/no/such/script.pkt'],
  completion: ['bash'],
}

/** A stack that is never made: what is wrong is told before. Impairment is for a stack's link alone. */
const PLACE = '--on=tap:t0,10.0.0.2/24'

class Begun extends Error {}

/** What is thrown at these words; null: nothing. */
async function thrown(name: string, words: readonly string[], begins: boolean): Promise<unknown> {
  const program = await commandFor([name], '1.2.3')
  if (!begins) {
    program.hook('preAction', () => {
      throw new Begun()
    })
  }
  return program.parseAsync([name, ...words], { from: 'user' }).then(
    () => null,
    (error: unknown) => error,
  )
}

function longName({ long, short }: Option): string {
  return long ?? (short as string) // every option has one of them
}

function isRight(command: string, option: Option, value: Wrong): boolean {
  const name = longName(option)
  if (command === 'packetdrill' && IGNORED.includes(name.slice(2))) return true
  const metavariable = /[<[](.+)[>\]]$/.exec(option.flags)?.[1] ?? ''
  return (RIGHT_OF[`${command} ${name}`] ?? RIGHT[metavariable] ?? []).includes(value)
}

const program = await commandFor([], '1.2.3')
const options = program.commands.flatMap((command) =>
  command.options
    .filter(({ required, optional, hidden }) => (required || optional) && !hidden)
    .map((option) => ({ command: command.name(), flags: option.flags, option })),
)

describe('an option with a wrong value', () => {
  test.each(options)('$command $flags: refused in one line that names it', async ({ command, option }) => {
    const name = longName(option)
    const language = command === 'packetdrill' && name.includes('_')
    const begins = language || name === '--mtu' || BEGUN.includes(name) || BEGUN_OF.includes(`${command} ${name}`)
    for (const value of WRONG) {
      const words = [...(name === '--impair' ? [PLACE] : []), `${name}=${value}`, ...(WORDS[command] ?? [])]
      const right = isRight(command, option, value)
      if (right && begins) continue
      const error = await thrown(command, words, begins)
      const label = `${JSON.stringify(value)}: ${error}`
      if (right) {
        expect(error, label).toBeInstanceOf(Begun)
        continue
      }
      expect(error, label).toBeInstanceOf(UsageError)
      const { message } = error as UsageError
      expect(message, label).not.toContain('\n')
      expect(
        [name, option.short ?? name].some((one) => message.includes(one)),
        label,
      ).toBe(true)
    }
  })

  test.each(options.filter(({ option }) => option.required))(
    '$command $flags: its value is missing',
    async ({ command, option }) => {
      const error = await thrown(command, [longName(option)], false)
      expect(error).toBeInstanceOf(UsageError)
      expect((error as UsageError).message).toContain(`option '${option.flags}' argument missing`)
    },
  )

  test('help is no error', async () => {
    const write = process.stdout.write
    process.stdout.write = () => true
    const error = await thrown('ping', ['--help'], true).finally(() => {
      process.stdout.write = write
    })
    expect(error).toBeInstanceOf(CommanderError)
    expect((error as CommanderError).exitCode).toBe(0)
  })
})
