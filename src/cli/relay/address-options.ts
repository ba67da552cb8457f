// Read first: socat(1), "Address options". The names are those of it, as far as there is such an option there.

import { SOCK_DGRAM, SOCK_STREAM } from '../../base/constants.ts'
import { UsageError } from '../usage-error.ts'
import type { AddressKind } from './address-kind.ts'

/** What stands behind the commas of an address. */
export interface AddressOptions {
  /** Where the socket is, as --on has it. */
  on?: string
  /** One conversation after another, and side by side. */
  fork?: boolean
  /** So many of them at once. */
  max?: number
  backlog?: number
  /** The own address, with a port or without; of a Unix socket a path. */
  bind?: string
  sourcePort?: number
  /** Who may call: a network. */
  range?: string
  reuseAddress?: boolean
  reusePort?: boolean
  v6Only?: boolean
  broadcast?: boolean
  keepAlive?: boolean
  noDelay?: boolean
  timeToLive?: number
  typeOfService?: number
  sendBuffer?: number
  receiveBuffer?: number
  /** Milliseconds that a connect may take. */
  connectTimeout?: number
  /** How often a connect is tried again, and milliseconds before each. */
  retry?: number
  interval?: number
  /** The permissions of a Unix socket's path. */
  mode?: number
}

type Key = keyof AddressOptions

interface Rule {
  readonly key: Key
  readonly read: (value: string | null, wrong: (allowed: string) => UsageError) => string | number | boolean
  readonly allowed: (kind: AddressKind) => boolean
  /** Whose option it is, for the error. */
  readonly of: string
}

const text: Rule['read'] = (value, wrong) => {
  if (value === null || value === '') throw wrong('a value behind "="')
  return value
}

const onOff: Rule['read'] = (value, wrong) => {
  if (value === null || value === '1') return true
  if (value !== '0') throw wrong('1 or 0, or nothing')
  return false
}

function integer(low: number, high: number): Rule['read'] {
  return (value, wrong) => {
    const number = Number(value)
    if (value === null || !/^\d+$/.test(value) || number < low || number > high) {
      throw wrong(`a whole number from ${low} to ${high}`)
    }
    return number
  }
}

const time: Rule['read'] = (value, wrong) => {
  if (value === null || !/^\d+(\.\d+)?$|^\.\d+$/.test(value) || Number(value) > 86_400) {
    throw wrong('a number of seconds, at most 86400')
  }
  return Number(value) * 1000
}

const permissions: Rule['read'] = (value, wrong) => {
  if (value === null || !/^0?[0-7]{3}$/.test(value)) throw wrong('three octal digits, such as 660')
  return Number.parseInt(value, 8)
}

const internet = ({ medium }: AddressKind) => medium === 'internet'
const socket = ({ medium }: AddressKind) => medium === 'internet' || medium === 'unix'
const tcp = (kind: AddressKind) => internet(kind) && kind.type === SOCK_STREAM
const udp = (kind: AddressKind) => internet(kind) && kind.type === SOCK_DGRAM
const listens = ({ role }: AddressKind) => role === 'listen'
const connects = (kind: AddressKind) => socket(kind) && kind.role === 'connect'
const named = (kind: AddressKind) => kind.medium === 'unix' && kind.role !== 'connect'

const rule = (key: Key, read: Rule['read'], allowed: Rule['allowed'], of: string): Rule => ({ key, read, allowed, of })

const RULES: ReadonlyMap<string, Rule> = new Map([
  ['on', rule('on', text, socket, 'sockets')],
  ['fork', rule('fork', onOff, listens, 'who listens')],
  ['max', rule('max', integer(1, 1_000_000), listens, 'who listens')],
  ['backlog', rule('backlog', integer(1, 65535), (kind) => listens(kind) && kind.type !== SOCK_DGRAM, 'who listens')],
  ['range', rule('range', text, (kind) => internet(kind) && kind.role !== 'connect', 'who listens at a port')],
  ['bind', rule('bind', text, socket, 'sockets')],
  [
    'sourceport',
    rule('sourcePort', integer(1, 65535), (kind) => internet(kind) && connects(kind), 'who connects to a port'),
  ],
  ['reuseaddr', rule('reuseAddress', onOff, internet, 'TCP and UDP')],
  ['reuseport', rule('reusePort', onOff, internet, 'TCP and UDP')],
  ['ipv6only', rule('v6Only', onOff, (kind) => internet(kind) && kind.role !== 'connect', 'who listens at a port')],
  ['broadcast', rule('broadcast', onOff, udp, 'UDP')],
  ['keepalive', rule('keepAlive', onOff, tcp, 'TCP')],
  ['nodelay', rule('noDelay', onOff, tcp, 'TCP')],
  ['ttl', rule('timeToLive', integer(1, 255), internet, 'TCP and UDP')],
  ['tos', rule('typeOfService', integer(0, 255), internet, 'TCP and UDP')],
  ['sndbuf', rule('sendBuffer', integer(1, 0x7fffffff), socket, 'sockets')],
  ['rcvbuf', rule('receiveBuffer', integer(1, 0x7fffffff), socket, 'sockets')],
  ['connect-timeout', rule('connectTimeout', time, connects, 'who connects')],
  ['retry', rule('retry', integer(0, 1_000_000), connects, 'who connects')],
  ['interval', rule('interval', time, connects, 'who connects')],
  ['mode', rule('mode', permissions, named, 'who listens at a path')],
] as const)

/** Other names that they have. */
const ALIASES: Readonly<Record<string, string>> = {
  'max-children': 'max',
  sp: 'sourceport',
  'so-reuseaddr': 'reuseaddr',
  'so-reuseport': 'reuseport',
  'so-keepalive': 'keepalive',
  'so-broadcast': 'broadcast',
  'so-sndbuf': 'sndbuf',
  'so-rcvbuf': 'rcvbuf',
  'tcp-nodelay': 'nodelay',
  'ipv6-v6only': 'ipv6only',
}

/** Reads the options of the address `whole`, which is of `kind`. Throws a UsageError that names the one that is wrong. */
export function readOptions(parts: readonly string[], kind: AddressKind, whole: string): AddressOptions {
  const options: Partial<Record<Key, string | number | boolean>> = {}
  for (const part of parts) {
    const at = part.indexOf('=')
    const written = (at < 0 ? part : part.slice(0, at)).trim()
    const value = at < 0 ? null : part.slice(at + 1)
    const rule = RULES.get(ALIASES[written.toLowerCase()] ?? written.toLowerCase())
    if (rule === undefined || !rule.allowed(kind)) {
      const there = [...RULES].filter(([, { allowed }]) => allowed(kind)).map(([name]) => name)
      const have = there.length === 0 ? 'it has none' : `${kind.name} has ${there.join(', ')}`
      const why =
        rule === undefined ? `has no option ${JSON.stringify(written)}` : `has ${written}, which is for ${rule.of}`
      throw new UsageError(`${JSON.stringify(whole)} ${why}; ${have}`)
    }
    options[rule.key] = rule.read(value, (allowed) => {
      return new UsageError(
        `${JSON.stringify(whole)}: ${written} must be ${allowed}, got ${JSON.stringify(value ?? '')}`,
      )
    })
  }
  // Each was read by the rule of its key.
  const read = options as AddressOptions
  if (read.max !== undefined && read.fork !== true) {
    throw new UsageError(`${JSON.stringify(whole)} has max without fork: there is one conversation; write fork too`)
  }
  return read
}
