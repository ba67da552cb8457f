// Read first: ip-route(8).

import type { RouteOptions } from '../stack/stack.ts'

/** A route that a script has set: its prefix and what is said of the way. Where it leads is always the script's side. */
export interface RouteChange {
  /** As ip(8) has it: 'default', or an address with or without a length. */
  readonly prefix: string
  readonly metrics: Omit<RouteOptions, 'via' | 'interface' | 'metric' | 'source'>
}

/** Words that are followed by one that makes no difference here. */
const PASSED: ReadonlySet<string> = new Set([
  'via',
  'dev',
  'src',
  'proto',
  'protocol',
  'scope',
  'metric',
  'preference',
  'table',
  'tos',
  'dsfield',
  'realm',
  'pref',
  'rtt',
  'rttvar',
  'window',
  'ssthresh',
  'reordering',
  'hoplimit',
  'cwnd',
  'congctl',
  'fastopen_no_cookie',
  'nexthop',
  'weight',
])

type Metrics = { -readonly [Name in keyof RouteChange['metrics']]: RouteChange['metrics'][Name] }

/**
 * What `ip route change …` with these words does; null for what only takes a route away. A RangeError says what is wrong with a value.
 */
export function readRouteChange(words: readonly string[]): RouteChange | null {
  const [verb = '', ...rest] = words
  if (!/^(?:a|c|r|pre)/.test(verb) || verb === 'del') return null
  let prefix = ''
  const metrics: Metrics = {}
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string
    if (prefix === '' && /^(?:default|[0-9a-fA-F:.]+(?:\/[0-9]+)?)$/.test(word)) {
      prefix = word
      continue
    }
    if (/^(?:unicast|onlink|to)$/.test(word)) continue
    i++
    const locked = rest[i] === 'lock'
    if (locked) i++
    setMetric(metrics, word, rest[i] ?? '', locked)
  }
  if (prefix === '') throw new RangeError('ip route: a prefix is wanted')
  return { prefix, metrics }
}

function setMetric(metrics: Metrics, name: string, value: string, locked: boolean): void {
  switch (name) {
    case 'mtu':
      metrics.mtu = number(name, value)
      metrics.mtuLocked = locked
      return
    case 'advmss':
      metrics.advertisedMss = number(name, value)
      return
    case 'initcwnd':
      metrics.initialWindow = number(name, value)
      return
    case 'initrwnd':
      metrics.initialReceiveWindow = number(name, value)
      return
    case 'quickack':
      metrics.quickAck = number(name, value) !== 0
      return
    case 'rto_min':
      metrics.minimumRto = milliseconds(value)
      return
    case 'features':
      metrics.ecn = value === 'ecn'
      return
  }
  if (!PASSED.has(name)) throw new RangeError(`ip route: '${name}' is not understood`)
}

function number(name: string, word: string): number {
  const value = Number(word)
  if (word === '' || !Number.isInteger(value) || value < 0)
    throw new RangeError(`ip route: ${name}: a number is wanted`)
  return value
}

/** `200ms`, `1s`, or milliseconds. */
function milliseconds(word: string): number {
  const match = /^([0-9]+)(ms|s|)$/.exec(word)
  if (match === null) throw new RangeError('ip route: rto_min: a time is wanted')
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1)
}
