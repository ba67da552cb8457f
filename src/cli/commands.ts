import { Command } from 'commander'
import { addExamples } from './examples.ts'
import { explainErrors } from './explain.ts'
import { described } from './option-description.ts'
import { addDebugOption, commandName } from './report.ts'

/** The subcommands, each in a module that is loaded when it is asked for: to load all takes two to five times as long. */
const COMMANDS: Readonly<Record<string, (version: string) => Promise<Command>>> = {
  serve: async () => (await import('./serve/serve.ts')).serveCommand(),
  router: async () => (await import('./router.ts')).routerCommand(),
  ping: async () => (await import('./ping/ping.ts')).pingCommand(),
  traceroute: async () => (await import('./traceroute/traceroute.ts')).tracerouteCommand(),
  nc: async () => (await import('./nc/nc.ts')).ncCommand(),
  relay: async () => (await import('./relay/relay.ts')).relayCommand(),
  capture: async (version) => (await import('./capture/capture.ts')).captureCommand(version),
  iperf3: async (version) => (await import('./iperf3/iperf3.ts')).iperf3Command(version),
  fetch: async (version) => (await import('./fetch/fetch.ts')).fetchCommand(version),
  dig: async (version) => (await import('./dig/dig.ts')).digCommand(version),
  netstat: async () => (await import('./netstat/netstat.ts')).netstatCommand(),
  trace: async () => (await import('./trace/trace.ts')).traceCommand(),
  packetdrill: async () => (await import('./packetdrill/packetdrill.ts')).packetdrillCommand(),
  lab: async () => (await import('./lab/lab.ts')).labCommand(),
  demo: async () => (await import('./demo/demo.ts')).demoCommand(),
  completion: async (version) =>
    (await import('./completion/completion.ts')).completionCommand(() => commandFor([], version)),
}

/** What the command is for `words`, its arguments: with the subcommand that they begin with, or with all where they name none. */
export async function commandFor(words: readonly string[], version: string): Promise<Command> {
  const program = new Command('jackfield')
    .description('Berkeley sockets of the operating system, or over a TCP/IP stack of its own (--on)')
    .version(version, '-V, --version')
    .enablePositionalOptions()
  const name = commandName(words)
  const names = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS)
  for (const command of await Promise.all(names.map((one) => COMMANDS[one]?.(version)))) {
    if (command !== undefined) program.addCommand(command)
  }
  for (const command of [program, ...program.commands]) {
    addDebugOption(command)
    addExamples(command)
    command.configureHelp({ optionDescription: described, subcommandTerm: (one) => one.name() })
    explainErrors(command)
  }
  return program
}
