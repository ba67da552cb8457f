import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { IpAddress } from '../../base/ip-address.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { type ImpairOptions, parseImpairment } from '../../device/impairment.ts'
import type { CapturedFile } from '../../wire/pcapng-reader.ts'
import { filePath } from '../option-values.ts'
import { whyNoOs } from '../os-host.ts'
import { UsageError } from '../usage-error.ts'
import type { Act, Outcome } from './demo-act.ts'
import { acts } from './demo-acts.ts'
import { captureFault, DemoCapture } from './demo-capture.ts'
import { type DemoAddresses, demoAddresses, NETWORKS } from './demo-network.ts'
import { Paper } from './demo-paper.ts'
import { Stage } from './demo-stage.ts'
import { Story } from './demo-story.ts'
import { Tally } from './demo-tally.ts'
import type { OsAct, OsOutcome } from './os/os-act.ts'
import { osActs } from './os/os-acts.ts'
import { OsStage } from './os/os-stage.ts'

// A seed whose faults tell something: a SYN or its answer lost, data lost and repaired, a frame damaged, updates lost and late.
const SEED = 1575
const FAULTS = 'loss=7%,reorder=5%,corrupt=4%'
const FILE = 'jackfield-demo.pcapng'

/** On a terminal simulated time passes as real time does, up to this much at once and in all, in milliseconds. */
const LONGEST_PAUSE = 1000
const ALL_PAUSES = 6000

interface DemoOptions {
  readonly seed: number
  readonly loss: string
  readonly capture: string
  readonly networks: readonly [string, string]
  readonly check?: boolean
  readonly lab?: boolean
  readonly on: 'stack' | 'os' | 'both'
}

interface Ended {
  readonly act: Act
  readonly outcome: Outcome
  /** Its frames in the capture. */
  readonly first: number
  readonly end: number
}

export function demoCommand(): Command {
  return new Command('demo')
    .summary('show sockets at work over bad links, all in this process')
    .description(
      'show sockets at work: two clients, a router and a server in this process, bad links between them, and what happens there',
    )
    .argument('[program...]', `which to show: ${acts.map(({ id, name }) => `${id} (${name})`).join(', ')}; default all`)
    .option('--seed <number>', 'the same number gives the same run, fault for fault', wholeNumber, SEED)
    .option('--loss <text>', 'what is wrong with the links: 5%, or loss=5%,reorder=2%,delay=20ms and so on', FAULTS)
    .option(
      '--capture <file>',
      'where all frames are written, for Wireshark; a default that cannot be written is no error',
      filePath,
      FILE,
    )
    .option(
      '--networks <a,b>',
      'the IPv4 networks of the two links, /24, by their first three numbers',
      networks,
      NETWORKS,
    )
    .addOption(
      new Option('--on <provider>', "whose sockets: those of stacks in this process, the operating system's, or both")
        .choices(['stack', 'os', 'both'])
        .default('both'),
    )
    .option('--check', 'tell nothing but whether each program did what it must')
    .option('--lab', 'then serve the lab, until Ctrl-C; not with --check')
    .action(demo)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of up to nine digits.')
  return Number(text)
}

function networks(text: string): readonly [string, string] {
  const found = text.split(',')
  const right = found.every((one) => IpAddress.parse(`${one}.0`)?.isV4 === true && /^\d+\.\d+\.\d+$/.test(one))
  if (found.length !== 2 || !right || found[0] === found[1]) {
    throw new InvalidArgumentError('It must be two networks such as 10.0.1,10.0.2.')
  }
  return [found[0] as string, found[1] as string]
}

async function demo(names: string[], options: DemoOptions, command: Command): Promise<void> {
  const chosen = chooseIds(names)
  const { on } = options
  const whyNot = on === 'stack' ? null : whyNoOs()
  if (on === 'os' && whyNot !== null) throw new UsageError(`--on os: ${whyNot}`)
  const { stdout } = process
  const terminal = stdout.isTTY === true
  const paper = new Paper((text) => stdout.write(text), terminal && !process.env['NO_COLOR'])
  const story = options.check ? null : new Story(paper)
  const told: Told = { paper, story, pace: terminal && story !== null ? new Pace().pause : async () => {} }
  const fine: boolean[] = []
  if (on !== 'os') fine.push(await onStack(chosen, options, command, told))
  if (whyNot !== null) {
    story?.aside(`The operating system's own sockets are left out: ${whyNot}`)
  } else if (on !== 'stack') {
    fine.push(await onOs(chosen, told))
  }
  if (fine.includes(false)) process.exitCode = 1
  // `npm start -- --check` says both.
  if (options.lab !== true || story === null) return
  paper.line()
  paper.paragraph(
    'plain',
    'The same stack, in a page: build networks, watch each packet, step through them, and run programs of your own.',
  )
  await (await import('../lab/lab.ts')).serveUsualLab()
}

/** To whom and how it is told. */
interface Told {
  readonly paper: Paper
  /** null: nothing but verdicts. */
  readonly story: Story | null
  readonly pace: (milliseconds: number) => Promise<void>
}

/** Shows the programs on stacks in this process. Whether all went as it must. */
async function onStack(
  ids: readonly string[],
  options: DemoOptions,
  command: Command,
  { paper, story, pace }: Told,
): Promise<boolean> {
  const impairment = readFaults(options.loss)
  const seed = impairment.seed ?? options.seed
  // Who has not asked for the file can do without it, where it cannot be written.
  const asked = command.getOptionValueSource('capture') !== 'default'
  const capture = new DemoCapture(options.capture, Date.now(), asked)
  const addresses = demoAddresses(options.networks)
  const watched = { impairment, addresses, tally: new Tally(), capture, story, pace }
  if (story !== null) {
    paper.line(['bold', 'Two clients, a router and a server in one process, each with a TCP/IP stack of its own'])
    for (const line of map(addresses)) paper.line(['plain', line])
    const faults = `${options.loss}, seed ${seed}`
    paper.paragraph(
      'plain',
      `What clients and server send is exposed to: ${faults}. Times are simulated, in milliseconds.`,
    )
  }
  const ended: Ended[] = []
  for (const act of ids.flatMap((id) => acts.find((one) => one.id === id) ?? [])) {
    const first = capture.frames
    story?.begin(`${act.id}  ${act.name}`, act.introduction)
    // Each has a clock and a seed of its own: what happens in one does not depend on what was shown before.
    const clock = new ManualClock()
    const stage = new Stage({ ...watched, clock, seed: seed + acts.indexOf(act), hops: act.hops })
    ended.push({ act, outcome: await outcomeOf(act, stage), first, end: capture.frames })
    capture.epoch += stage.time
  }
  capture.close()
  if (story !== null) paper.heading('Summary')
  const file = capture.read()
  const verdicts = ended.map((one) => judge(one, file, paper))
  const { failure, path } = capture
  if (failure !== '') process.stderr.write(`jackfield: no capture: ${failure}, by --capture FILE\n`)
  if (story !== null) {
    const { frames, octets, lost, damaged, retransmitted } = watched.tally
    const counts = `${lost} lost, ${damaged} damaged, ${retransmitted} TCP segments sent again`
    paper.line()
    paper.line(['plain', `${frames} frames, ${octets} octets: ${counts}`])
    // Not cut, however long: it is there to be copied.
    if (failure === '') {
      process.stdout.write(`All frames, those that were lost too, are in ${path}, for Wireshark to open\n`)
    }
  }
  return !verdicts.includes(false)
}

/** Shows them on the operating system's sockets. Whether all went as it must. */
async function onOs(ids: readonly string[], { paper, story }: Told): Promise<boolean> {
  if (story !== null) {
    paper.line()
    paper.line(['bold', "The same programs on the operating system's own sockets"])
    paper.paragraph(
      'plain',
      'Over the loopback of this machine, on ports that nobody has. Times are real, in milliseconds.',
    )
  }
  const ended: { readonly act: OsAct; readonly outcome: OsOutcome }[] = []
  for (const act of ids.flatMap((id) => osActs.find((one) => one.id === id) ?? [])) {
    story?.begin(`${act.id}  ${act.name}`, act.introduction)
    ended.push({ act, outcome: await outcomeOf(act, new OsStage(story)) })
  }
  if (story !== null) paper.heading('Summary')
  for (const { act, outcome } of ended) {
    const { ok, text } = outcome
    const verdict = ok === null ? 'left out' : ok ? 'ok' : 'FAILED'
    const ink = ok === null ? 'yellow' : ok ? 'green' : 'red'
    paper.line([ink, `${act.id} ${verdict}`], ['plain', ` ${act.name}, on the operating system: ${text}`])
  }
  return ended.every(({ outcome }) => outcome.ok !== false)
}

/** Says in one line whether an act went as it must and whether its frames can be read from the file again; gives the same. */
function judge({ act, outcome, first, end }: Ended, file: CapturedFile, paper: Paper): boolean {
  const fault = captureFault(file, first, end)
  const ok = outcome.ok && fault === ''
  const text = fault === '' ? outcome.text : `${outcome.text} (${fault})`
  paper.line([ok ? 'green' : 'red', `${act.id} ${ok ? 'ok' : 'FAILED'}`], ['plain', ` ${act.name}: ${text}`])
  return ok
}

async function outcomeOf<S, O>(act: { run(stage: S): Promise<O> }, stage: S): Promise<O | Outcome> {
  try {
    return await act.run(stage)
  } catch (error) {
    return { ok: false, text: (error as Error).message }
  }
}

function chooseIds(names: readonly string[]): readonly string[] {
  const known = acts.map(({ id }) => id)
  if (names.length === 0) return known
  return names.map((name) => {
    const id = name.toUpperCase()
    if (known.includes(id)) return id
    throw new UsageError(`there is no program ${JSON.stringify(name)}; there are ${known.join(', ')}`)
  })
}

/** Who is where, drawn. */
function map({ client, client6, second, second6, near, near6, far, far6, server, server6 }: DemoAddresses): string[] {
  const left = [`client  ${client}  ${client6}`, `second  ${second}  ${second6}`]
  const width = Math.max(...left.map((text) => text.length))
  const [upper, lower] = left.map((text) => text.padEnd(width)) as [string, string]
  const middle = `├─ ${near}  router  ${far} ─── ${server}  server`
  return [
    `  ${upper} ─┐`,
    `  ${' '.repeat(width + 2)}${middle}`,
    `  ${lower} ─┘  ${near6.padEnd(near.length + 8)}${far6}   ${server6}`,
  ]
}

function readFaults(text: string): ImpairOptions {
  try {
    return parseImpairment(/^[\d.]+%?$/.test(text) ? `loss=${text}` : text)
  } catch (error) {
    throw new UsageError(`--loss ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

/** Real time for simulated time, until enough of it has been spent. */
class Pace {
  #left = ALL_PAUSES

  readonly pause = async (milliseconds: number): Promise<void> => {
    const time = Math.min(milliseconds, LONGEST_PAUSE, this.#left)
    if (time < 1) return
    this.#left -= time
    await sleep(time)
  }
}
