import { readFileSync } from 'node:fs'
import { commandFor } from './commands.ts'
import { asksForTraces, report, showTraces } from './report.ts'
import { endWithoutOutput } from './standard-output.ts'
import { usageStatus } from './usage-status.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/**
 * Ends the process, once what was printed has left it: a pipe that is full takes the rest later. What a command leaves behind
 * (timers of connections that time out) must not keep it from ending.
 */
function leave(status: number): void {
  const end = () => process.exit(status)
  // That it could not be written is told behind the callbacks.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)))
}

const words = process.argv.slice(2)
const usage = usageStatus(words)

// A defect, not an error of the caller or the network: still one line, and the status that scripts look at.
process.on('uncaughtException', (error) => leave(report(error, usage)))

endWithoutOutput()

try {
  if (asksForTraces(words)) showTraces()
  const command = await commandFor(words, version)
  await command.parseAsync(words, { from: 'user' })
  leave(Number(process.exitCode ?? 0))
} catch (error) {
  leave(report(error, usage))
}
