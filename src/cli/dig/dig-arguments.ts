// Read first: dig(1). What stands on its command line besides options: @server, name, type, class, +words.

import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { canonicalName, isDomainName, reverseName } from '../../services/names/domain-name.ts'
import type { Question } from '../../services/names/message.ts'
import { typeName, typeNumber } from '../../services/names/record-type.ts'
import { DOMAIN_PORT } from '../../services/names/server-address.ts'
import { UsageError } from '../usage-error.ts'
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

/**
 * Reads the words of the command line: a type or a class may stand before the name. `reverse` is what -x was given, `port` what -p was,
 * `named` what -q was. Throws a UsageError.
 */
export function parseDig(
  words: readonly string[],
  reverse: string | undefined,
  port: number | null,
  named?: string,
): DigRequest {
  const on = { ...switches }
  let timeout = 5000
  let tries = 3
  let server: string | null = null
  let name = named === undefined ? null : parseName(named)
  let type: string | null = null
  let klass = 1
  let https: string | null = null
  for (const word of words) {
    if (word.startsWith('@')) {
      if (server !== null) throw new UsageError(`dig has two servers, ${server} and ${word.slice(1)}; write one`)
      server = word.slice(1)
      if (server === '') throw new UsageError('"@" names no server; write one, such as @192.0.2.53')
    } else if (word.startsWith('+')) {
      const [key = '', ...rest] = word.slice(1).split('=')
      const value = rest.length === 0 ? undefined : rest.join('=')
      if (key === 'time' || key === 'timeout') timeout = 1000 * count(word, value, 300)
      else if (key === 'tries') tries = count(word, value, 100)
      else if (key === 'retry') tries = 1 + count(word, value, 100, 0)
      else if (key === 'https' || key === 'nohttps') https = key === 'https' ? pathOf(word, value) : null
      else switchWord(on, word, key, value)
    } else if (type === null && isType(word)) type = typeName(typeNumber(word))
    else if (Object.hasOwn(classes, word.toUpperCase())) klass = classes[word.toUpperCase()] as number
    else if (name === null && reverse === undefined) name = parseName(word)
    else if (type === null) throw noType(word)
    else throw new UsageError(`dig does not know what to do with ${JSON.stringify(word)}: it asks one question`)
  }
  const at = port ?? (https === null ? DOMAIN_PORT : HTTPS_PORT)
  const literal = server !== null && IpAddress.parse(server) !== null
  const target = reverse === undefined ? name : parseReverse(reverse)
  return {
    // As dig: without a name, who knows the root.
    question: {
      name: target ?? '.',
      type: type ?? (reverse !== undefined ? 'PTR' : target === null ? 'NS' : 'A'),
      class: klass,
    },
    server: server !== null && literal ? SocketAddress.internet(server, at) : null,
    serverName: literal ? null : server,
    short: on.short,
    stream: on.tcp,
    trace: on.trace,
    https,
    port: at,
    recursion: on.recurse,
    checkingDisabled: on.cdflag,
    authenticData: on.adflag,
    edns: on.edns || on.dnssec || on.trace,
    // As dig: who asks servers of names as a resolver does asks for what a resolver would.
    dnssec: on.dnssec || on.trace,
    timeout,
    tries,
    command: on.cmd,
    sections: on,
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

function noType(word: string): UsageError {
  return new UsageError(`there is no record type ${JSON.stringify(word)}; write one such as AAAA, MX or TYPE65`)
}

function parseReverse(text: string): string {
  const ip = IpAddress.parse(text)
  if (ip === null) throw new UsageError(`-x ${JSON.stringify(text)} is no IP address`)
  return reverseName(ip)
}
