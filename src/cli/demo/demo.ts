import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { IpAddress } from '../../base/ip-address.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { type ImpairOptions, parseImpairment } from '../../device/impairment.ts'
import type { CapturedFile } from '../../wire/pcapng-reader.ts'
import { UsageError } from '../usage-error.ts'
import type { Act, Outcome } from './demo-act.ts'
import { acts } from './demo-acts.ts'
import { captureFault, DemoCapture } from './demo-capture.ts'
import { type DemoAddresses, demoAddresses, NETWORKS } from './demo-network.ts'
import { Paper } from './demo-paper.ts'
import { Stage } from './demo-stage.ts'
import { Story } from './demo-story.ts'
import { Tally } from './demo-tally.ts'

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
    .description(
      'show sockets at work: two clients, a router and a server in this process, bad links between them, and what happens there',
    )
    .argument('[program...]', `which to show: ${acts.map(({ id, name }) => `${id} (${name})`).join(', ')}; default all`)
    .option('--seed <number>', 'the same number gives the same run, fault for fault', wholeNumber, SEED)
    .option('--loss <text>', 'what is wrong with the links: 5%, or loss=5%,reorder=2%,delay=20ms and so on', FAULTS)
    .option(
      '--capture <file>',
      'where all frames are written, for Wireshark; a default that cannot be written is no error',
      FILE,
    )
    .option(
      '--networks <a,b>',
      'the IPv4 networks of the two links, /24, by their first three numbers',
      networks,
      NETWORKS,
    )
    .option('--check', 'tell nothing but whether each program did what it must')
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
  const chosen = chooseActs(names)
  const impairment = readFaults(options.loss)
  const seed = impairment.seed ?? options.seed
  const { stdout } = process
  // A reader that has seen enough (a pager, head) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const terminal = stdout.isTTY === true
  const paper = new Paper((text) => stdout.write(text), terminal && !process.env['NO_COLOR'])
  const story = options.check ? null : new Story(paper)
  const pace = terminal && story !== null ? new Pace().pause : async () => {}
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
  for (const act of chosen) {
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
  if (verdicts.includes(false)) process.exitCode = 1
  const { failure, path } = capture
  if (failure !== '') process.stderr.write(`jackfield: no capture: ${failure}, by --capture FILE\n`)
  if (story === null) return
  const { frames, octets, lost, damaged, retransmitted } = watched.tally
  const counts = `${lost} lost, ${damaged} damaged, ${retransmitted} TCP segments sent again`
  paper.line()
  paper.line(['plain', `${frames} frames, ${octets} octets: ${counts}`])
  // Not cut, however long: it is there to be copied.
  if (failure === '') stdout.write(`All frames, those that were lost too, are in ${path}, for Wireshark to open\n`)
}

/** Says in one line whether an act went as it must and whether its frames can be read from the file again; gives the same. */
function judge({ act, outcome, first, end }: Ended, file: CapturedFile, paper: Paper): boolean {
  const fault = captureFault(file, first, end)
  const ok = outcome.ok && fault === ''
  const text = fault === '' ? outcome.text : `${outcome.text} (${fault})`
  paper.line([ok ? 'green' : 'red', `${act.id} ${ok ? 'ok' : 'FAILED'}`], ['plain', ` ${act.name}: ${text}`])
  return ok
}

async function outcomeOf(act: Act, stage: Stage): Promise<Outcome> {
  try {
    return await act.run(stage)
  } catch (error) {
    return { ok: false, text: (error as Error).message }
  }
}

function chooseActs(names: readonly string[]): readonly Act[] {
  if (names.length === 0) return acts
  return names.map((name) => {
    const act = acts.find(({ id }) => id === name.toUpperCase())
    if (act !== undefined) return act
    throw new UsageError(
      `there is no program ${JSON.stringify(name)}; there are ${acts.map(({ id }) => id).join(', ')}`,
    )
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
