import { Command } from 'commander'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { PID_MAX, watchedStacks } from '../watched-program.ts'
import { wholeNumber } from '../whole-number.ts'
import { pageFiles } from './lab-page.ts'
import { giveFile, type LabAnswer, LabServer } from './lab-server.ts'
import { streamLive } from './live-stream.ts'
import { openBrowser, opener } from './open-browser.ts'
import { checkScenarioFile } from './scenario-file.ts'

interface LabOptions {
  readonly port: number
  readonly open: boolean
  readonly attach?: number
}

/** What the page's address ends in where it shall open the file that was named, or watch a program. */
const FILE_FRAGMENT = '#file'
const LIVE_FRAGMENT = '#live'

export function labCommand(): Command {
  return new Command('lab')
    .summary('watch networks at work in a page')
    .description(
      'open the lab in a browser: networks of hosts with stacks of their own, to be watched, stepped through and changed; or the stacks of a program that runs. It is served to this machine alone, until Ctrl-C',
    )
    .argument('[file]', 'a scenario that the lab has saved, to begin with')
    .option('--attach <pid>', 'watch a running program that has called showSockets, live', wholeNumber(1, PID_MAX))
    .option('--port <number>', 'where it is served; 0 is any port that is free', wholeNumber(0, 65535), 0)
    .option('--no-open', 'open no browser: the address is printed')
    .action(lab)
}

async function lab(file: string | undefined, { port, open, attach }: LabOptions): Promise<void> {
  if (file !== undefined && attach !== undefined) {
    throw new UsageError('a file and --attach contradict each other: give one of the two')
  }
  const { answers, fragment } = attach === undefined ? await fileAnswers(file) : liveAnswers(attach)
  const server = await listen({ port, files: pageFiles(), answers })
  await serveLab(server, fragment, open)
}

/** What is answered beside the page, and how that is told to ask. */
interface Beside {
  readonly answers: Readonly<Record<string, LabAnswer>>
  readonly fragment: string
}

async function fileAnswers(file: string | undefined): Promise<Beside> {
  if (file === undefined) return { answers: {}, fragment: '' }
  await checkScenarioFile(file)
  // As it is when it is asked for: who changes it loads the page again.
  const answer: LabAnswer = (_request, response) => giveFile(response, { path: file, type: 'application/json' })
  return { answers: { 'scenario.json': answer }, fragment: FILE_FRAGMENT }
}

function liveAnswers(pid: number): Beside {
  const paths = watchedStacks(pid)
  const answer: LabAnswer = ({ method }, response) => streamLive(response, paths, method === 'HEAD')
  return { answers: { live: answer }, fragment: LIVE_FRAGMENT }
}

async function listen(options: Parameters<typeof LabServer.listen>[0]): Promise<LabServer> {
  try {
    return await LabServer.listen(options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Error(`--port ${options.port} is in use: name another, or 0 for one that is free`)
    if (code === 'EACCES') throw new Error(`--port ${options.port} is not for everybody: name one from 1024 on`)
    throw new Error(`the lab cannot be served: ${message}`)
  }
}

/** Serves the lab until a signal ends it, and says where it is. */
export async function serveLab(server: LabServer, fragment: string, open: boolean): Promise<void> {
  const ended = untilSignal()
  process.stdout.write(`The lab is at ${server.url}${fragment}\nCtrl-C ends it.\n`)
  const program = open ? opener(process.platform, process.env) : null
  if (program !== null) {
    void openBrowser(program, server.onceUrl(fragment)).then((fault) => {
      if (fault !== '')
        process.stderr.write(`jackfield: no browser was opened, since ${fault}: open the address yourself\n`)
    })
  }
  await ended
  server.close()
}

/** Serves the lab as it is built, on any port, and opens nothing. */
export async function serveUsualLab(): Promise<void> {
  await serveLab(await listen({ port: 0, files: pageFiles() }), '', false)
}
