// Read first: nc(1). Options, messages and statuses are those of OpenBSD's, as Debian has it. We differ: -l without -4 or -6 hears
// both families, and a connection that breaks is told of.

import { Command, Option } from 'commander'
import { CAPTURE_OPTION, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import {
  checkNames,
  DNS_OPTION,
  gathered,
  HOSTS_FILE_OPTION,
  HostNames,
  IPV4_OPTION,
  IPV6_OPTION,
  type NamesFlags,
} from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { filePath, lineText } from '../option-values.ts'
import { OsHost } from '../os-host.ts'
import { seconds } from '../seconds.ts'
import { serviceOctet } from '../service-octet.ts'
import { StandardInput } from '../standard-input.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import { Client } from './client.ts'
import type { ConversationOptions } from './conversation.ts'
import { listen } from './listening.ts'
import { type NcFlags, ncPath, ncRequest, proxyPlace, proxyProtocol } from './nc-arguments.ts'
import { shapedInput } from './shaped-input.ts'
import { talkOverUnix } from './unix.ts'

interface Options extends HostOptions, NamesFlags, NcFlags {}

export function ncCommand(): Command {
  return new Command('nc')
    .summary('connect or listen, and copy both ways')
    .description('connect, or listen, and copy what comes in to what goes out, both ways')
    .argument('[words...]', 'HOST PORT; with -l [HOST] PORT; with -U PATH')
    .option(...ON_OR_OS_OPTION)
    .option(...IPV4_OPTION)
    .option(...IPV6_OPTION)
    .option('-l, --listen', 'wait for a peer')
    .option('-k, --keep', 'with -l: wait for the next when one is done')
    .option('-u, --udp', 'datagrams')
    .option('-U, --unix', "a Unix socket of the operating system's: at a path, or @NAME, an abstract name")
    .option('-z, --scan', 'see whether somebody listens, and say nothing; PORT may be LOW-HIGH')
    .option('-v, --verbose', 'say what happens')
    .option('-N, --shutdown', 'the end of the input ends our direction')
    .option('-C, --crlf', 'send CR LF at the end of each line')
    .addOption(
      new Option('-i, --interval <seconds>', 'so long between lines, and between ports of -z').argParser(seconds),
    )
    .option('-d, --detached', 'read no input')
    .option('-n, --numeric', 'look up no names for the addresses that are printed')
    .option('-p, --port <port>', 'our own port')
    .option('-s, --source <address>', 'our own address; with -U a path', filePath)
    .option('-r, --random', 'look at the ports of -z in no order')
    .option('-T, --tos <octet>', 'type of service, or traffic class, such as 0x10 or ef', serviceOctet)
    .option('-M, --ttl <hops>', 'how many routers what we send may pass, and one more', wholeNumber(1, 255))
    .option('-m, --min-ttl <hops>', 'hear nobody whose packets have fewer hops left', wholeNumber(1, 255))
    .option('-b, --broadcast', 'with -u: allow sending to everybody')
    .option('-I, --receive-buffer <octets>', 'of the socket (SO_RCVBUF)', wholeNumber(1, 0x3fffffff))
    .option('-O, --send-buffer <octets>', 'of the socket (SO_SNDBUF)', wholeNumber(1, 0x3fffffff))
    .option('-x, --proxy <host[:port]>', 'have this proxy connect', proxyPlace)
    .addOption(
      new Option('-X, --proxy-protocol <protocol>', 'how it is spoken to: SOCKS 4, 4A or 5, or HTTP (default: 5)')
        .choices(['4', '4A', '5', 'connect'])
        .argParser(proxyProtocol),
    )
    .option('-P, --proxy-user <name[:password]>', 'who we are to it', lineText)
    .addOption(new Option('-w, --wait <seconds>', 'so long for a connection, and for a silence').argParser(seconds))
    .addOption(new Option('-q, --quit <seconds>', 'end so long after the end of the input').argParser(seconds))
    .option('-W, --receptions <count>', 'end after so many receptions', wholeNumber(1, 0x7fffffff))
    .option(...DNS_OPTION, gathered, [])
    .option(...HOSTS_FILE_OPTION)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action(nc)
}

async function nc(words: string[], options: Options): Promise<void> {
  if (options.unix) return ncUnix(words, options)
  const request = ncRequest(words, options)
  const where = chosenWhere(options, 'nc')
  // What a proxy knows we need not know.
  checkNames(request.proxy?.host ?? request.host ?? '::', options, where)
  const host = await openHost(where, options)
  try {
    const names = new HostNames(host, options)
    const talk = talkOf(options)
    const work = options.listen
      ? listen(host, names, request, options, talk)
      : new Client(host, names, request, options).run(talk)
    process.exitCode = await Promise.race([work, host.lost])
  } finally {
    host.close()
  }
}

async function ncUnix(words: string[], options: Options): Promise<void> {
  const path = ncPath(words, options)
  if (options.ipv4 || options.ipv6) throw new UsageError('-U has no -4 and -6; leave them out')
  if (chosenWhere(options, 'nc') !== null) {
    throw new UsageError("-U is for the operating system's Unix sockets: leave --on out, or write --on os")
  }
  process.exitCode = await talkOverUnix(new OsHost().provider, path, options, talkOf(options))
}

function talkOf(options: Options): ConversationOptions {
  const { crlf = false, interval = 0 } = options
  const typed = crlf || interval > 0 ? shapedInput(process.stdin, { crlf, interval }) : process.stdin
  const input = options.detached === true || options.scan === true ? null : new StandardInput(typed)
  // What is there already is there for the first peer, however short he stays.
  void input?.peek()
  return {
    input,
    shutdown: options.shutdown === true,
    idle: options.wait ?? null,
    afterInput: options.quit ?? null,
    receptions: options.receptions ?? Number.POSITIVE_INFINITY,
    endsWithPeer: options.listen === true,
    print,
  }
}

function print(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve())
  })
}
