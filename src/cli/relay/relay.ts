// Read first: socat(1). Addresses, options and what is shown of what passes are those of it. We differ: the end of one direction
// leaves the other as much time as it takes, where its own end can be told (-t), for half a second cuts long answers off; what
// lies at the path of a listener is taken away where it is a socket alone; and a reset is carried across.

import { Command, Option } from 'commander'
import { CAPTURE_OPTION, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { DNS_OPTION, gathered, HOSTS_FILE_OPTION, IPV4_OPTION, IPV6_OPTION, type NamesFlags } from '../names-option.ts'
import { seconds } from '../seconds.ts'
import { untilSignal } from '../until-signal.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import { KIND_NAMES } from './address-kind.ts'
import type { ConversationSettings } from './conversation.ts'
import { parseRelayAddress, type RelayAddress } from './relay-address.ts'
import { RelayHosts } from './relay-hosts.ts'
import { Relaying } from './relaying.ts'

interface Options extends HostOptions, NamesFlags {
  readonly forward?: boolean
  readonly backward?: boolean
  readonly piece?: number
  readonly afterEnd?: number
  readonly idle?: number
  readonly verbose?: boolean
  readonly hexadecimal?: boolean
  readonly notices?: boolean
  readonly json?: boolean
}

const ADDRESSES = `
Addresses: ${KIND_NAMES.join(', ')}
Options of them: fork, max, bind, sourceport, range, reuseaddr, connect-timeout, retry, mode, …; on=[WHERE] for this side alone`

export function relayCommand(): Command {
  return new Command('relay')
    .summary('copy between any two sockets, as socat does')
    .description(
      "copy between any two sockets, both ways: of the operating system's, of stacks, or one of each; as socat does",
    )
    .argument('<first>', 'KIND:WHERE[,option…], such as tcp-listen:8080,fork')
    .argument('<second>', 'the same, such as unix:/run/echo.sock')
    .option(...ON_OR_OS_OPTION)
    .option(...IPV4_OPTION)
    .option(...IPV6_OPTION)
    .option('-u, --forward', 'from the first to the second alone')
    .option('-U, --backward', 'from the second to the first alone')
    .option('-b, --piece <octets>', 'read so much at once', wholeNumber(1, 1 << 20))
    .addOption(
      new Option(
        '-t, --after-end <seconds>',
        'when one direction has ended, end after so much silence of the other (default: where its end cannot be told, 0.5)',
      ).argParser(seconds),
    )
    .addOption(
      new Option(
        '-T, --idle <seconds>',
        'end after so much silence (default: 60 for callers of udp-listen with fork)',
      ).argParser(seconds),
    )
    .option('-v, --verbose', 'show what passes as text, and how much it was')
    .option('-x, --hexadecimal', 'show what passes in hexadecimal digits; with -v in both ways')
    .option('-d, --notices', 'say what happens, and how much has passed')
    .option('--json', 'say how much has passed as a line of JSON for each conversation, on stderr')
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .addHelpText('after', ADDRESSES)
    .action(relay)
}

async function relay(firstText: string, secondText: string, options: Options): Promise<void> {
  const first = parseRelayAddress(firstText)
  const second = parseRelayAddress(secondText)
  checkTogether(first, second, options)
  const hosts = new RelayHosts([first, second], options)
  hosts.checkLinks()
  const stop = new AbortController()
  const signalled = untilSignal().then((signal) => {
    stop.abort()
    return signal
  })
  try {
    await hosts.open()
    const relaying = new Relaying(hosts, first, second, settingsOf(options), options)
    const work = relaying.run(stop.signal)
    work.catch(() => {})
    const status = await Promise.race([work, hosts.lost, signalled])
    // What has passed until then is told all the same.
    if (typeof status !== 'number') await work.catch(() => {})
    process.exitCode = typeof status === 'number' ? status : status === 'SIGINT' ? 130 : 143
  } finally {
    hosts.close()
  }
}

function settingsOf(options: Options): ConversationSettings {
  const { forward, backward, piece = null, afterEnd = null, idle = null, verbose, hexadecimal } = options
  return {
    only: forward ? 'forward' : backward ? 'backward' : null,
    piece,
    afterEnd,
    idle,
    dump: verbose ? (hexadecimal ? 'both' : 'text') : hexadecimal ? 'hexadecimal' : null,
    tell: (text) => process.stderr.write(text),
  }
}

function checkTogether(first: RelayAddress, second: RelayAddress, { forward, backward }: Options): void {
  if (forward && backward) throw new UsageError('there are both -u and -U; write one, or neither for both directions')
  if (second.options.fork) {
    throw new UsageError(`${second.name} has fork, which is for the first address: write it there, in front`)
  }
  if (first.kind.medium === 'stdio' && second.kind.medium === 'stdio') {
    throw new UsageError('both sides are stdio; write another address for one of them')
  }
  if (first.kind.role === 'receive' && !forward) {
    throw new UsageError(`${first.name} receives alone: write -u too, which relays from the first to the second`)
  }
  if (second.kind.role === 'receive' && !backward) {
    throw new UsageError(`${second.name} receives alone: write -U too, which relays from the second to the first`)
  }
}
