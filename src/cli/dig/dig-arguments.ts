// Read first: dig(1). What stands on its command line besides options: @server, name, type, class, +words.

import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { canonicalName, isDomainName, reverseName } from '../../services/names/domain-name.ts'
import type { Question } from '../../services/names/message.ts'
import { typeName, typeNumber } from '../../services/names/record-type.ts'
import { DOMAIN_PORT } from '../../services/names/server-address.ts'
import { UsageError } from '../usage-error.ts'
import type { DigItem } from './dig-items.ts'
import type { DigSections } from './dig-text.ts'

const HTTPS_PORT = 443

const classes: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4 }

/** What dig is asked to do. */
export interface DigRequest {
  readonly question: Question
  /** Null: those of the machine, or `serverName`. */
  readonly server: SocketAddress | null
  /** What stands behind "@" where that is no address. */
  readonly serverName: string | null
  readonly short: boolean
  readonly stream: boolean
  /** +trace: from the root down. */
  readonly trace: boolean
  /** By HTTPS, at this path; null: not. */
  readonly https: string | null
  readonly port: number
  /** Null: none, and the port is the usual one. */
  readonly givenPort: number | null
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** Where questions come from; null: from anywhere. */
  readonly source: SocketAddress | null
  readonly recursion: boolean
  readonly checkingDisabled: boolean
  readonly authenticData: boolean
  readonly edns: boolean
  readonly dnssec: boolean
  /** Milliseconds. */
  readonly timeout: number
  readonly tries: number
  /** Whether the line with the command is shown. */
  readonly command: boolean
  readonly sections: DigSections
}

/** Words that are switched on by "+word" and off by "+noword", and what they are at first. */
const switches = {
  tcp: false,
  short: false,
  recurse: true,
  cdflag: false,
  adflag: true,
  edns: true,
  dnssec: false,
  cmd: true,
  comments: true,
  question: true,
  answer: true,
  authority: true,
  additional: true,
  stats: true,
  ttlid: true,
  class: true,
  multiline: false,
  trace: false,
}

type Switch = keyof typeof switches

/** What +all is about. */
const SECTIONS = ['cmd', 'comments', 'question', 'answer', 'authority', 'additional', 'stats'] as const

const otherNames: Readonly<Record<string, Switch>> = {
  vc: 'tcp',
  rec: 'recurse',
  cd: 'cdflag',
  ad: 'adflag',
  do: 'dnssec',
  cl: 'class',
}

export const DIG_WORDS: string = Object.keys(switches)
  .map((word) => `+[no]${word}`)
  .join(' ')

/** What is wanted of a question, as far as the line was read. */
interface Wish {
  readonly name: string | null
  readonly reverse: boolean
  readonly on: Record<Switch, boolean>
  server: string | null
  type: string | null
  klass: number | null
  https: string | null
  timeout: number
  tries: number
}

/** What all questions of a command have in common: as with BIND's, the last +[no]short and +[no]cmd count for all. */
interface Common {
  short: boolean
  command: boolean
  port: number | null
  ipv4: boolean
  ipv6: boolean
  source: SocketAddress | null
  /** Whether words may be types and classes: not behind -t and -c. */
  typed: boolean
}

/** What a line asks, and what is so for the lines of a file too. */
export interface DigPlan {
  /** In their order. Without a name: who knows the root. */
  readonly requests: readonly DigRequest[]
  /** Whether any name is there. */
  readonly named: boolean
  /** Whether a server was named in front of the first. */
  readonly serverFirst: boolean
  /** What is strange, and no error. */
  readonly warnings: readonly string[]
  readonly common: DigCommon
}

/** What stands in front of the first name. */
export type DigCommon = { readonly wish: Wish; readonly common: Common }

const NOTHING: DigCommon = {
  wish: {
    ...{ name: null, reverse: false, on: switches, server: null, type: null, klass: null, https: null },
    ...{ timeout: 5000, tries: 3 },
  },
  common: { short: false, command: true, port: null, ipv4: false, ipv6: false, source: null, typed: true },
}

/**
 * Reads a line, in its order: what stands in front of the first name is for all questions, what is behind a name for that. `before` is what
 * the command line of a file of lines says. Throws a UsageError.
 */
export function parseDig(items: readonly DigItem[], before: DigCommon = NOTHING): DigPlan {
  const all = copied(before.wish)
  const common = { ...before.common, typed: true }
  const wishes: Wish[] = []
  const warnings: string[] = []
  let wish = all
  let serverFirst = false
  const begin = (name: string, reverse: boolean) => {
    if (wishes.length === 0) serverFirst = all.server !== null
    wish = { ...copied(all), name, reverse }
    wishes.push(wish)
  }
  const setType = (type: string) => {
    if (wish.type !== null) warnings.push(';; Warning, extra type option')
    wish.type = type
  }
  const setClass = (klass: number) => {
    if (wish.klass !== null) warnings.push(';; Warning, extra class option')
    wish.klass = klass
  }
  for (const { option, value } of items) {
    if (option === 'reverse') begin(parseReverse(value), true)
    else if (option === 'name') begin(parseName(value), false)
    else if (option === 'type') setType(typeOf(value))
    else if (option === 'class') setClass(classOf(value))
    else if (option === 'port') common.port = Number(value)
    else if (option === 'bind') common.source = parseSource(value)
    else if (option === 'ipv4' || option === 'ipv6') common[option] = true
    else if (value.startsWith('@')) setServer(wish, value.slice(1))
    else if (value.startsWith('+')) plusWord(wish, common, value)
    else if (common.typed && isType(value)) setType(typeOf(value))
    else if (common.typed && Object.hasOwn(classes, value.toUpperCase())) setClass(classOf(value))
    else begin(parseName(value), false)
    if (option === 'type' || option === 'class') common.typed = false
  }
  if (common.ipv4 && common.ipv6) throw new UsageError('dig has both -4 and -6; write one')
  const named = wishes.length > 0
  if (!named) serverFirst = all.server !== null
  const requests = (named ? wishes : [all]).map((one) => requestOf(one, common))
  return { requests, named, serverFirst, warnings, common: { wish: all, common } }
}

/** What is so for the line behind one of a file: as with BIND's, +[no]short and +[no]cmd stay. */
export function behindLine(before: DigCommon, { common: { common } }: DigPlan): DigCommon {
  const { short, command } = common
  return { wish: before.wish, common: { ...before.common, short, command } }
}

function copied(wish: Wish): Wish {
  return { ...wish, on: { ...wish.on } }
}

function requestOf(
  { name, reverse, on, server, type, klass, https, timeout, tries }: Wish,
  common: Common,
): DigRequest {
  const { short, command, source, ipv4, ipv6 } = common
  const at = common.port ?? (https === null ? DOMAIN_PORT : HTTPS_PORT)
  const literal = server !== null && IpAddress.parse(server) !== null
  return {
    // As dig: without a name, who knows the root.
    question: { name: name ?? '.', type: name === null ? 'NS' : (type ?? (reverse ? 'PTR' : 'A')), class: klass ?? 1 },
    server: server !== null && literal ? SocketAddress.internet(server, at) : null,
    serverName: literal ? null : server,
    short,
    stream: on.tcp,
    trace: on.trace,
    https,
    port: at,
    givenPort: common.port,
    ipv4,
    ipv6,
    source,
    recursion: on.recurse,
    checkingDisabled: on.cdflag,
    authenticData: on.adflag,
    edns: on.edns || on.dnssec || on.trace,
    // As dig: who asks servers of names as a resolver does asks for what a resolver would.
    dnssec: on.dnssec || on.trace,
    timeout,
    tries,
    command,
    sections: on,
  }
}

function setServer(wish: Wish, server: string): void {
  if (wish.server !== null) throw new UsageError(`dig has two servers, ${wish.server} and ${server}; write one`)
  if (server === '') throw new UsageError('"@" names no server; write one, such as @192.0.2.53')
  wish.server = server
}

function plusWord(wish: Wish, common: Common, word: string): void {
  const [key = '', ...rest] = word.slice(1).split('=')
  const value = rest.length === 0 ? undefined : rest.join('=')
  if (key === 'time' || key === 'timeout') wish.timeout = 1000 * count(word, value, 300)
  else if (key === 'tries') wish.tries = count(word, value, 100)
  else if (key === 'retry') wish.tries = 1 + count(word, value, 100, 0)
  else if (key === 'https' || key === 'nohttps') wish.https = key === 'https' ? pathOf(word, value) : null
  else {
    switchWord(wish.on, word, key, value)
    const name = wholeWord(key.replace(/^no/, ''))
    if (name === 'short') common.short = wish.on.short
    if (name === 'short' || name === 'cmd' || name === 'all') common.command = wish.on.cmd
  }
}

function switchWord(on: Record<Switch, boolean>, word: string, key: string, value: string | undefined): void {
  const off = key.startsWith('no') && !Object.hasOwn(switches, key)
  const given = off ? key.slice(2) : key
  const name = Object.hasOwn(otherNames, given) ? (otherNames[given] as Switch) : wholeWord(given)
  if (given === 'all') for (const section of SECTIONS) on[section] = !off
  else if (!Object.hasOwn(switches, name) || (value !== undefined && name !== 'edns')) {
    throw new UsageError(`dig has no ${word}; it has ${DIG_WORDS} +https[=PATH] +[no]all +time=SECONDS +tries=COUNT`)
  } else {
    on[name as Switch] = !off
  }
  if (name === 'short' && !off) on.cmd = false
}

/** Words may be cut short where it is clear which is meant: +multi. */
function wholeWord(given: string): string {
  if (Object.hasOwn(switches, given)) return given
  const meant = Object.keys(switches).filter((one) => given.length > 2 && one.startsWith(given))
  return meant.length === 1 ? (meant[0] as string) : given
}

function pathOf(word: string, path = '/dns-query'): string {
  if (/^\/[^\s#]*$/.test(path)) return path
  throw new UsageError(`${word} must be given a path, such as +https=/dns-query`)
}

function count(word: string, value: string | undefined, high: number, low = 1): number {
  const number = Number(value)
  if (value === undefined || !/^\d+$/.test(value) || number < low || number > high) {
    throw new UsageError(`${word} must be given a whole number from ${low} to ${high}`)
  }
  return number
}

function parseName(word: string): string {
  const name = canonicalNameOf(word)
  if (!isDomainName(name)) throw new UsageError(`${JSON.stringify(word)} cannot be a domain name`)
  return name
}

// Letters stay as they were written: a server repeats them.
function canonicalNameOf(word: string): string {
  const same = canonicalName(word)
  return word.slice(0, same.length)
}

function isType(word: string): boolean {
  try {
    typeNumber(word)
    return true
  } catch {
    return false
  }
}

function typeOf(word: string): string {
  if (!isType(word))
    throw new UsageError(`there is no record type ${JSON.stringify(word)}; write one such as AAAA, MX or TYPE65`)
  return typeName(typeNumber(word))
}

function classOf(word: string): number {
  const klass = Object.hasOwn(classes, word.toUpperCase()) ? classes[word.toUpperCase()] : undefined
  if (klass === undefined) throw new UsageError(`there is no class ${JSON.stringify(word)}; write IN, CH or HS`)
  return klass
}

/** "ADDRESS[#PORT]"; null where it is none. */
export function readSource(text: string): SocketAddress | null {
  const [, address = '', port = '0'] = /^([^#]*)(?:#(\d{1,5}))?$/.exec(text) ?? []
  if (IpAddress.parse(address) === null || Number(port) > 65535) return null
  return SocketAddress.internet(address, Number(port))
}

function parseSource(text: string): SocketAddress {
  const source = readSource(text)
  if (source === null) throw new UsageError(`-b ${JSON.stringify(text)} must be ADDRESS[#PORT], an address of ours`)
  return source
}

function parseReverse(text: string): string {
  const ip = IpAddress.parse(text)
  if (ip === null) throw new UsageError(`-x ${JSON.stringify(text)} is no IP address`)
  return reverseName(ip)
}
