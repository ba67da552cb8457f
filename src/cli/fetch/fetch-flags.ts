// Read first: curl(1), whose options these are. -e and --trace are those of `jackfield trace` here, so --referer has no letter.

import { type Command, InvalidArgumentError } from 'commander'
import { CAPTURE_OPTION, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { filePath, hostText, lineText, several } from '../option-values.ts'
import type { ProxyServer } from '../proxy/proxy.ts'
import { parseUnproxiedHosts, type UnproxiedHosts } from '../proxy/unproxied-hosts.ts'
import { addTraceOptions, type TraceFlags } from '../trace-option.ts'
import { UsageError } from '../usage-error.ts'
import { wholeNumber } from '../whole-number.ts'
import { type ConnectTo, parseConnectTo } from './fetch-connect.ts'
import type { DataPart } from './fetch-data.ts'
import { parseResolve, parseServers, type ResolvedHost } from './fetch-lookup.ts'
import { parseProxy } from './fetch-proxy.ts'
import { parseHeader, parseMethod } from './fetch-request.ts'

/** curl's --max-redirs. */
const REDIRECTIONS = 50

export interface FetchFlags extends HostOptions, TraceFlags {
  readonly output: readonly string[]
  readonly outputDir?: string
  readonly remoteName?: boolean
  readonly createDirs?: boolean
  readonly dumpHeader?: string
  readonly continueAt?: number | 'file'
  readonly head?: boolean
  readonly include?: boolean
  readonly verbose?: boolean
  readonly silent?: boolean
  readonly showError?: boolean
  readonly fail?: boolean
  readonly failWithBody?: boolean
  readonly location?: boolean
  readonly maxRedirs: number
  readonly header: readonly (readonly [string, string | null])[]
  readonly request?: string
  readonly get?: boolean
  /** Of all options that give data, in their order. */
  readonly data: readonly DataPart[]
  readonly uploadFile?: string
  readonly user?: string
  readonly userAgent: string
  readonly referer?: string
  readonly cookie: readonly string[]
  readonly cookieJar?: string
  readonly range?: string
  readonly compressed?: boolean
  readonly insecure?: boolean
  readonly cacert?: string
  readonly 'http1.0'?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly resolve: readonly ResolvedHost[]
  readonly dnsServers: readonly string[]
  readonly connectTo: readonly ConnectTo[]
  readonly unixSocket?: string
  readonly abstractUnixSocket?: string
  readonly connectTimeout?: number
  readonly maxTime?: number
  readonly retry: number
  readonly retryDelay?: number
  readonly limitRate?: number
  readonly maxFilesize?: number
  readonly proxy?: ProxyServer | 'none'
  readonly proxyUser?: string
  readonly proxytunnel?: boolean
  readonly noproxy?: UnproxiedHosts
  readonly interface?: string
  readonly localPort?: number
  readonly oauth2Bearer?: string
  readonly writeOut?: string
}

/** Gives the command the options of curl. */
export function addFetchOptions(command: Command, version: string): Command {
  const data: DataPart[] = []
  const part = (option: DataPart['option']) => (text: string) => {
    data.push({ option, text: option === 'form' ? parseForm(text) : text })
    return data
  }
  command
    .option(...ON_OR_OS_OPTION)
    .option('-o, --output <file>', 'write the page to a file; again for the next URL', several(filePath), [])
    .option('-O, --remote-name', 'the same, with the last part of the URL for its name')
    .option('--output-dir <folder>', 'where the files of -o and -O go', filePath)
    .option('--create-dirs', 'make the folders of the file of -o')
    .option('-C, --continue-at <offset>', 'begin with this octet; "-": where the file of -o ends', parseOffset)
    .option('-D, --dump-header <file>', 'write the header of each answer there; "-": to standard output', filePath)
    .option('-I, --head', 'ask for the header alone')
    .option('-i, --include', 'show the header of the answer too')
    .option('-v, --verbose', 'tell on stderr what is said')
    .option('-s, --silent', 'tell nothing of errors and progress; the exit status does')
    .option('-S, --show-error', 'with -s: tell of errors all the same')
    .option('-w, --write-out <format>', 'print this behind the page, such as "%{http_code} %{time_total}\\n"')
    .option('-f, --fail', 'fail, with status 22, where the server says 400 or more')
    .option('--fail-with-body', 'the same, behind the page')
    .option('-L, --location', 'go where the server sends us')
    .option('--max-redirs <count>', 'so often at most', wholeNumber(0, 1000), REDIRECTIONS)
    .option('-X, --request <method>', 'the method, in place of GET', parseMethod)
    .option('-H, --header <line>', 'add "Name: value" to the request, or leave "Name:" out', several(parseHeader), [])
    .option('-d, --data <data>', 'send it by POST; @FILE sends a file without its ends of lines', part('data'), data)
    .option('--data-binary <data>', 'send it as it is; @FILE sends a file', part('data-binary'))
    .option('--data-raw <data>', 'send it as it is, an @ in front too', part('data-raw'))
    .option(
      '--data-urlencode <data>',
      'send content, name=content or name@FILE, made fit for a URL',
      part('data-urlencode'),
    )
    .option('--json <data>', 'send JSON by POST; @FILE sends a file', part('json'))
    .option(
      '-F, --form <name=content>',
      'send a field of a form; name=@FILE sends a file, name=<FILE what it has',
      part('form'),
    )
    .option('-G, --get', 'put the data of -d into the URL')
    .option('-T, --upload-file <file>', 'send a file by PUT; "-": standard input', filePath)
    .option('-u, --user <name:password>', 'who we are to the server (Basic)', lineText)
    .option('--oauth2-bearer <token>', 'who we are, by a token (RFC 6750)', lineText)
    .option('-A, --user-agent <name>', 'what we are', lineText, `jackfield/${version}`)
    .option('--referer <url>', 'where we come from', lineText)
    .option('-b, --cookie <data>', 'send NAME=VALUE, or the cookies of a file', several(lineText), [])
    .option('-c, --cookie-jar <file>', 'keep the cookies of servers, and write them there', filePath)
    .option('-r, --range <range>', 'a part of the page, such as 0-99 or -100', parseRange)
    .option('--compressed', 'ask for a compressed page, and show what is in it')
    .option('-k, --insecure', 'over TLS: go on whoever the server is')
    .option('--cacert <file>', 'over TLS: who vouches for servers, certificates in PEM', filePath)
    .option('-0, --http1.0', 'speak HTTP/1.0')
    .option('-4, --ipv4', 'connect over IPv4 only')
    .option('-6, --ipv6', 'connect over IPv6 only')
    .option('--resolve <host:port:address>', 'the address of a host, looked up nowhere', several(parseResolve), [])
    .option('--dns-servers <addresses>', 'who knows names: addresses with commas between them', parseServers, [])
    .option(
      '--connect-to <h1:p1:h2:p2>',
      'connect to host 2 and port 2 for host 1 and port 1',
      several(parseConnectTo),
      [],
    )
    .option(
      '-x, --proxy <proxy>',
      'by way of [http|socks4|socks4a|socks5|socks5h://][NAME:PASSWORD@]HOST[:PORT]; "": of none, whatever http_proxy, https_proxy and all_proxy say',
      (text: string) => parseProxy(text),
    )
    .option('-U, --proxy-user <name:password>', 'who we are to the proxy', lineText)
    .option('-p, --proxytunnel', 'have an HTTP proxy connect (CONNECT) for http:// too')
    .option(
      '--noproxy <hosts>',
      'without a proxy to these hosts, domains, addresses and networks, such as localhost,.lan,192.0.2.0/24; "*": to all; in place of no_proxy',
      parseUnproxied,
    )
    .option('--interface <name>', 'connect from this interface, or this address of ours', hostText)
    .option('--local-port <port>', 'connect from this port', wholeNumber(1, 65535))
    .option('--unix-socket <path>', "connect to a Unix socket of the operating system's", filePath)
    .option('--abstract-unix-socket <path>', 'the same, by its abstract name', filePath)
    .option('--connect-timeout <seconds>', 'give up connecting after so long, with status 28', seconds)
    .option('-m, --max-time <seconds>', 'give up after so long, with status 28', seconds)
    .option('--limit-rate <octets>', 'take so many octets a second, such as 200k, and no more', octets)
    .option('--max-filesize <octets>', 'fail, with status 63, where a page is longer, such as 10M', octets)
    .option(
      '--retry <count>',
      'try again so often where it may help: late, refused, or 408, 429, 500 to 504',
      wholeNumber(0, 1000),
      0,
    )
    .option('--retry-delay <seconds>', 'wait so long before each, in place of 1, 2, 4 …', seconds)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
  return addTraceOptions(command)
}

/** Throws a UsageError for options that do not go together; `mayProxy` where the environment may name a proxy. */
export function checkTogether(flags: FetchFlags, mayProxy = false): void {
  const exclude = (one: string, other: string) => new UsageError(`${one} and ${other} exclude each other; write one`)
  if (flags.ipv4 && flags.ipv6) throw exclude('-4', '-6')
  if (flags.uploadFile !== undefined && flags.data.length > 0) throw exclude('-T', '-d')
  if (flags.head && flags.data.length > 0 && !flags.get) throw exclude('-I', '-d')
  if (flags.get && flags.data.some(({ option }) => option === 'form')) throw exclude('-G', '-F')
  if (flags.fail && flags.failWithBody) throw exclude('-f', '--fail-with-body')
  if (flags.range !== undefined && flags.continueAt !== undefined) throw exclude('-r', '-C')
  if (flags.continueAt === 'file' && flags.output.length === 0 && !flags.remoteName) {
    throw new UsageError('-C - goes on with a file: write -o FILE or -O too')
  }
  if (flags.unixSocket !== undefined && flags.abstractUnixSocket !== undefined) {
    throw exclude('--unix-socket', '--abstract-unix-socket')
  }
  const unix = flags.unixSocket ?? flags.abstractUnixSocket
  if (flags.proxy !== undefined && flags.proxy !== 'none' && unix !== undefined) throw exclude('-x', '--unix-socket')
  if (flags.user !== undefined && flags.oauth2Bearer !== undefined) throw exclude('-u', '--oauth2-bearer')
  const proxied = flags.proxy !== undefined || mayProxy
  if (!proxied && flags.proxyUser !== undefined) throw new UsageError('-U is for a proxy: write -x too')
  if (!proxied && flags.proxytunnel) throw new UsageError('-p is about a proxy: write -x too')
  if (flags.proxytunnel && flags.proxy !== 'none' && flags.proxy?.kind.startsWith('socks')) {
    throw new UsageError('-p is for HTTP proxies, and those of SOCKS connect anyway; leave it out')
  }
}

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('It must be a number of seconds, at most 86400.')
  }
  return value * 1000
}

function parseOffset(text: string): number | 'file' {
  if (text === '-') return 'file'
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a number of octets, or -.')
  return Number(text)
}

function parseUnproxied(text: string): UnproxiedHosts {
  return parseUnproxiedHosts(lineText(text), '--noproxy')
}

/** RFC 9110 section 14.1.2. */
function parseRange(text: string): string {
  if (/^(\d{1,15}-\d{0,15}|-\d{1,15})(,(\d{1,15}-\d{0,15}|-\d{1,15}))*$/.test(text)) return text
  throw new InvalidArgumentError('It must be octets such as 0-99, 100- or -100.')
}

function parseForm(text: string): string {
  if (/^[^=]+=/.test(text)) return text
  throw new InvalidArgumentError('It must be NAME=CONTENT, NAME=@FILE or NAME=<FILE.')
}

/** curl: k, M and G are of 1024. */
function octets(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text) ?? []
  const value = Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ')
  if (digits !== '' && value > 0) return value
  throw new InvalidArgumentError('It must be a number of octets, such as 1000, 200k or 10M.')
}
