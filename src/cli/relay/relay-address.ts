// Read first: socat(1), "Address specifications".

import { SOCK_DGRAM } from '../../base/constants.ts'
import { machineServices } from '../machine-services.ts'
import { UsageError } from '../usage-error.ts'
import { type AddressKind, KIND_NAMES, kindNamed } from './address-kind.ts'
import { type AddressOptions, readOptions } from './address-options.ts'

/** One side of a relay, as it was written. */
export interface RelayAddress {
  /** What it is called in what is printed: without its options. */
  readonly name: string
  readonly kind: AddressKind
  /** Of TCP and UDP; null: any of one's own. */
  readonly host: string | null
  readonly port: number
  /** Of a Unix socket; '' of others. */
  readonly path: string
  /** The program and its arguments. */
  readonly words: readonly string[]
  readonly options: AddressOptions
}

const NOTHING = { host: null, port: 0, path: '', words: [] } as const

/** Reads "KIND:WHERE[,option…]". Throws a UsageError that says what is wrong with it. */
export function parseRelayAddress(text: string): RelayAddress {
  const [first = '', ...parts] = splitOutside(text, ',')
  const colon = first.indexOf(':')
  const kindName = colon < 0 ? first : first.slice(0, colon)
  const kind = kindNamed(kindName)
  if (kind === null) {
    throw new UsageError(
      `${JSON.stringify(text)} is of no kind that there is: it must begin with ${KIND_NAMES.join(', ')}, as in tcp:192.0.2.1:80`,
    )
  }
  const options = readOptions(parts.map(unquoted), kind, text)
  const rest = colon < 0 ? null : first.slice(colon + 1)
  const name = first
  const wrong = (what: string) => new UsageError(`${JSON.stringify(text)} ${what}`)
  if (kind.medium === 'stdio') {
    if (rest !== null && rest !== '') throw wrong('has something behind stdio; write stdio, or -')
    return { ...NOTHING, name: 'stdio', kind, options }
  }
  if (rest === null || rest === '') throw wrong(`says not where, as in ${EXAMPLES[kind.medium]}`)
  if (kind.medium === 'unix') return { ...NOTHING, name, kind, path: rest, options }
  if (kind.medium === 'program') {
    const line = unquoted(rest)
    const words =
      kind.name === 'system' ? ['/bin/sh', '-c', line] : splitOutside(line, ' ').filter(Boolean).map(unquoted)
    return { ...NOTHING, name, kind, words, options }
  }
  const at = rest.lastIndexOf(':')
  const hostText = at < 0 ? '' : rest.slice(0, at)
  if (at < 0 && kind.role === 'connect') throw wrong(`has no port, as in ${EXAMPLES.internet}`)
  if (at === 0 && kind.role === 'connect') throw wrong(`has no host, as in ${EXAMPLES.internet}`)
  const host = hostText === '' ? null : hostText.replace(/^\[(.*)\]$/, '$1')
  return { ...NOTHING, name, kind, host, port: portOf(rest.slice(at + 1), kind, wrong), options }
}

const EXAMPLES = {
  internet: 'tcp:192.0.2.1:80, tcp-listen:8080',
  unix: 'unix:/run/echo.sock',
  program: 'exec:cat',
} as const

function portOf(text: string, { type }: AddressKind, wrong: (what: string) => UsageError): number {
  const transport = type === SOCK_DGRAM ? 'udp' : 'tcp'
  const port = /^\d+$/.test(text) ? Number(text) : (machineServices().byName(text, transport)?.port ?? 0)
  if (port < 1 || port > 65535) {
    throw wrong(`has port ${JSON.stringify(text)}; a port is a number from 1 to 65535, or the name of a service`)
  }
  return port
}

/** "[…]" around a value and quotes keep its commas together. */
function unquoted(text: string): string {
  const at = text.indexOf('=')
  const [key, value] = at < 0 || /^["']/.test(text) ? ['', text] : [text.slice(0, at + 1), text.slice(at + 1)]
  return key + value.replace(/^\[([^[\]]*)\]$|^"([^"]*)"$|^'([^']*)'$/, '$1$2$3')
}

/** Splits where `separator` stands outside of quotes and brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  let quote = ''
  let depth = 0
  for (const one of text) {
    if (quote !== '') {
      if (one === quote) quote = ''
    } else if (one === '"' || one === "'") quote = one
    else if (one === '[') depth++
    else if (one === ']') depth--
    if (one === separator && quote === '' && depth <= 0) parts.push('')
    else parts[parts.length - 1] += one
  }
  return parts
}
