import { Command } from 'commander'
import { untilSignal } from '../until-signal.ts'
import { wholeNumber } from '../whole-number.ts'
import { pageFiles } from './lab-page.ts'
import { giveFile, LabServer } from './lab-server.ts'
import { openBrowser, opener } from './open-browser.ts'
import { checkScenarioFile } from './scenario-file.ts'

interface LabOptions {
  readonly port: number
  readonly open: boolean
}

/** What the page's address ends in where it shall open the file that was named. */
const FILE_FRAGMENT = '#file'

export function labCommand(): Command {
  return new Command('lab')
    .summary('watch networks at work in a page')
    .description(
      'open the lab in a browser: networks of hosts with stacks of their own, to be watched, stepped through and changed. It is served to this machine alone, until Ctrl-C',
    )
    .argument('[file]', 'a scenario that the lab has saved, to begin with')
    .option('--port <number>', 'where it is served; 0 is any port that is free', wholeNumber(0, 65535), 0)
    .option('--no-open', 'open no browser: the address is printed')
    .action(lab)
}

async function lab(file: string | undefined, { port, open }: LabOptions): Promise<void> {
  if (file !== undefined) await checkScenarioFile(file)
  const answers =
    file === undefined
      ? {}
      : {
          // As it is when it is asked for: who changes it loads the page again.
          'scenario.json': (_request: unknown, response: Parameters<typeof giveFile>[0]) =>
            giveFile(response, { path: file, type: 'application/json' }),
        }
  const server = await listen({ port, files: pageFiles(), answers })
  await serveLab(server, file === undefined ? '' : FILE_FRAGMENT, open)
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
