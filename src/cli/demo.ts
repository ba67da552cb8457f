import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { ManualClock } from '../base/manual-clock.ts'
import { type ImpairOptions, parseImpairment } from '../device/impairment.ts'
import { type Act, acts, type Outcome } from './demo-acts.ts'
import { captureFault, DemoCapture } from './demo-capture.ts'
import { Paper } from './demo-paper.ts'
import { Stage } from './demo-stage.ts'
import { Story } from './demo-story.ts'
import { Tally } from './demo-tally.ts'
import { UsageError } from './usage-error.ts'

// A seed whose faults tell something: a SYN or its answer lost, data lost and repaired, a frame damaged, updates lost and late.
const SEED = 1
const FAULTS = 'loss=7%,reorder=5%,corrupt=4%'
const FILE = 'jackfield-demo.pcapng'

/** On a terminal simulated time passes as real time does, up to this much at once and in all, in milliseconds. */
const LONGEST_PAUSE = 1000
const ALL_PAUSES = 7000

interface DemoOptions {
  readonly seed: number
  readonly loss: string
  readonly capture: string
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
    .description('show sockets at work: two hosts in this process, a bad cable between them, and what happens on it')
    .argument('[program...]', `which to show: ${acts.map(({ id, name }) => `${id} (${name})`).join(', ')}; default all`)
    .option('--seed <number>', 'the same number gives the same run, fault for fault', wholeNumber, SEED)
    .option('--loss <text>', 'what is wrong with the cable: 5%, or loss=5%,reorder=2%,delay=20ms and so on', FAULTS)
    .option('--capture <file>', 'where all frames are written, for Wireshark', FILE)
    .option('--check', 'tell nothing but whether each program did what it must')
    .action(demo)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of up to nine digits.')
  return Number(text)
}

async function demo(names: string[], options: DemoOptions): Promise<void> {
  const chosen = chooseActs(names)
  const impairment = readFaults(options.loss)
  const { stdout } = process
  // A reader that has seen enough (a pager, head) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const capture = new DemoCapture(options.capture, Date.now())
  const paper = new Paper((text) => stdout.write(text), stdout.isTTY === true && !process.env['NO_COLOR'])
  const story = options.check ? null : new Story(paper)
  const pace = story !== null && stdout.isTTY ? new Pace().pause : async () => {}
  const seed = impairment.seed ?? options.seed
  const clock = new ManualClock()
  const tally = new Tally()
  if (story !== null) {
    paper.line([
      'bold',
      'Two hosts in one process, client 10.0.0.1 and server 10.0.0.2, each with a TCP/IP stack of its own',
    ])
    paper.paragraph(
      'plain',
      `Between them is a cable with faults: ${options.loss}, seed ${seed}. Times are simulated, in milliseconds.`,
    )
  }
  const ended: Ended[] = []
  for (const act of chosen) {
    const first = capture.frames
    story?.begin(clock.now(), `${act.id}  ${act.name}`, act.introduction)
    // Each has a seed of its own: what happens in one does not depend on what was shown before.
    const stage = new Stage({ clock, seed: seed + acts.indexOf(act), impairment, tally, capture, story, pace })
    ended.push({ act, outcome: await outcomeOf(act, stage), first, end: capture.frames })
  }
  capture.close()
  const file = capture.read()
  if (story !== null) paper.heading('Summary')
  for (const { act, outcome, first, end } of ended) {
    const fault = captureFault(file, first, end)
    const ok = outcome.ok && fault === ''
    const text = `${act.name}: ${outcome.text}${fault === '' ? '' : ` (${fault})`}`
    paper.line([ok ? 'green' : 'red', `${act.id} ${ok ? 'ok' : 'FAILED'}`], ['plain', ` ${text}`])
    if (!ok) process.exitCode = 1
  }
  if (story !== null) {
    const { frames, octets, lost, damaged, retransmitted } = tally
    paper.line()
    paper.line([
      'plain',
      `${frames} frames, ${octets} octets: ${lost} lost, ${damaged} damaged, ${retransmitted} TCP segments sent again`,
    ])
    paper.line(['plain', `All frames are in ${capture.path}: open it in Wireshark, or run tshark -r ${capture.path}`])
  }
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
