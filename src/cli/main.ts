import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { captureCommand } from './capture/capture.ts'
import { demoCommand } from './demo/demo.ts'
import { digCommand } from './dig/dig.ts'
import { explainErrors } from './explain.ts'
import { fetchCommand } from './fetch/fetch.ts'
import { ncCommand } from './nc/nc.ts'
import { netstatCommand } from './netstat/netstat.ts'
import { packetdrillCommand } from './packetdrill/packetdrill.ts'
import { pingCommand } from './ping/ping.ts'
import { report } from './report.ts'
import { routerCommand } from './router.ts'
import { serveCommand } from './serve/serve.ts'
import { endWithoutOutput } from './standard-output.ts'
import { traceCommand } from './trace/trace.ts'
import { tracerouteCommand } from './traceroute/traceroute.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('jackfield')
  .description('Berkeley sockets of the operating system, or over a TCP/IP stack of its own (--on)')
  .version(version, '-V, --version')
  .enablePositionalOptions()
for (const command of [
  serveCommand(),
  routerCommand(),
  pingCommand(),
  tracerouteCommand(),
  ncCommand(),
  captureCommand(),
  fetchCommand(version),
  digCommand(version),
  netstatCommand(),
  traceCommand(),
  packetdrillCommand(),
  demoCommand(),
])
  program.addCommand(command)
for (const command of [program, ...program.commands]) explainErrors(command)

/**
 * Ends the process, once what was printed has left it: a pipe that is full takes the rest later. What a command leaves behind
 * (timers of connections that time out) must not keep it from ending.
 */
function leave(status: number): void {
  const end = () => process.exit(status)
  // That it could not be written is told behind the callbacks.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)))
}

// A defect, not an error of the caller or the network: still one line, and the status that scripts look at.
process.on('uncaughtException', (error) => leave(report(error)))

endWithoutOutput()

try {
  await program.parseAsync()
  leave(Number(process.exitCode ?? 0))
} catch (error) {
  leave(report(error))
}
