import { checkOptions, given } from '../base/argument.ts'
import { parseCall } from './call-parser.ts'
import type { IcmpVersion } from './icmp-names.ts'
import { IP_VERSIONS, type IpVersion, ipVersionNamed } from './ip-version.ts'
import { Lexer } from './lexer.ts'
import { parsePacket } from './packet-parser.ts'
import type { Action, EventTime, Script, ScriptEvent, ScriptOption, ShellCommand } from './script.ts'

const VERSIONS_TEXT = 'ipv4, ipv4-mapped-ipv6 or ipv6'

export interface ParseOptions {
  /** Words to replace, as `--define` has them; they win over the script's own. */
  readonly defines?: Readonly<Record<string, string>>
  /** What the script is run over; it wins over its own `--ip_version`. Default that, or IPv4. */
  readonly ipVersion?: IpVersion
}

/**
 * Reads a packetdrill script. `name` is what messages call it, its file name as a rule. Throws a ScriptSyntaxError that names
 * line, column and what was expected.
 *
 * ```ts
 * const script = parseScript(text, 'handshake/passive.pkt')
 * ```
 */
export function parseScript(text: string, name: string, options: ParseOptions = {}): Script {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
  checkOptions('options', options, ['defines', 'ipVersion'])
  if (options.ipVersion !== undefined && !IP_VERSIONS.includes(options.ipVersion)) {
    throw new TypeError(`options.ipVersion must be ${VERSIONS_TEXT}, got ${given(options.ipVersion)}`)
  }
  const defines = new Map<string, string>(Object.entries(options.defines ?? {}))
  const lexer = new Lexer(text, name, defines)
  const nul = text.indexOf('\0')
  if (nul >= 0) lexer.fail('expected a script, found a NUL: this is not a text file', lexer.placeOf(nul))
  const scriptOptions = parseOptions(lexer)
  for (const option of scriptOptions) define(lexer, option, options.defines ?? {})
  const ipVersion = options.ipVersion ?? ipVersionOf(lexer, scriptOptions)
  const icmp = ipVersion === 'ipv6' ? 6 : 4
  const initCommand = parseCommand(lexer)
  const events: ScriptEvent[] = []
  while (lexer.peek().kind !== 'end' && lexer.peek().kind !== 'command') events.push(parseEvent(lexer, events, icmp))
  const cleanupCommand = parseCommand(lexer)
  if (lexer.peek().kind !== 'end') lexer.expected('the end of the script')
  if (events.length === 0) lexer.expected('an event')
  return { name, ipVersion, options: scriptOptions, initCommand, events, cleanupCommand }
}

function parseOptions(lexer: Lexer): ScriptOption[] {
  const options: ScriptOption[] = []
  while (lexer.looksLike(/--/y)) {
    const place = lexer.place()
    const flag = lexer.scan(/--[A-Za-z][A-Za-z0-9_-]*/y)
    if (flag === null) lexer.expected('the name of an option')
    let value: string | null = null
    if (lexer.looksLike(/=/y)) {
      lexer.scan(/=/y)
      value = lexer.scan(/[A-Za-z0-9_]+=(?:"[^"\n]*"|`[^`]*`|\S+)|"[^"\n]*"|[^\s"`]+/y)
      if (value === null) lexer.expected(`a value for ${flag}`)
      if (value.startsWith('"')) value = value.slice(1, -1)
    }
    options.push({ ...place, name: flag.slice(2), value })
  }
  return options
}

function ipVersionOf(lexer: Lexer, options: readonly ScriptOption[]): IpVersion {
  const option = options.findLast(({ name }) => name === 'ip_version')
  if (option === undefined) return 'ipv4'
  return (
    ipVersionNamed(option.value ?? '') ??
    lexer.fail(`--ip_version must be ${VERSIONS_TEXT}, is '${option.value ?? ''}'`, option)
  )
}

function define(lexer: Lexer, option: ScriptOption, given: Readonly<Record<string, string>>): void {
  if (option.name !== 'define') return
  const match = /^([A-Za-z0-9_]+)=(.+)$/s.exec(option.value ?? '')
  if (match === null) lexer.fail('--define must be SYMBOL=value', option)
  const [, symbol, value] = match as unknown as [string, string, string]
  if (!Object.hasOwn(given, symbol)) lexer.defines.set(symbol, value)
}

function parseCommand(lexer: Lexer): ShellCommand | null {
  const token = lexer.peek()
  if (token.kind !== 'command') return null
  lexer.next()
  return { kind: 'command', text: token.text, line: token.line, column: token.column }
}

function parseEvent(lexer: Lexer, before: readonly ScriptEvent[], icmp: IcmpVersion): ScriptEvent {
  const place = lexer.place()
  refuseOther(lexer, before)
  const { time, returnsAt } = parseTime(lexer)
  checkOrder(lexer, time, before, place)
  const start = lexer.peek().start
  const action = parseAction(lexer, time, returnsAt, icmp)
  if (time.kind !== 'at' && !(action.kind === 'packet' && action.direction === 'out')) {
    lexer.fail('only a packet that the stack is expected to send may come at any time or within a range', place)
  }
  const text = lexer.text.slice(start, lexer.offset).replace(/\s+/g, ' ').trim()
  return { ...place, time, action, text }
}

/** What stands where an event should begin and is none. */
function refuseOther(lexer: Lexer, before: readonly ScriptEvent[]): void {
  if (lexer.looksLike(/[0-9.+*-](?!-)/y)) return
  if (lexer.looksLike(/#/y)) lexer.fail("expected an event, found '#': a comment begins with '//'")
  if (lexer.looksLike(/--[A-Za-z]/y)) lexer.fail('options stand before the first event')
  const previous = before[before.length - 1]
  if (previous === undefined || lexer.onNewLine()) lexer.expectedHere('the time of an event')
  lexer.expectedHere(`${mayFollow(previous.action)}the next event`)
}

function mayFollow(action: Action): string {
  if (action.kind === 'call') return action.errno === null ? 'the name of an error, such as EINVAL, or ' : ''
  if (action.kind !== 'packet' || action.transport.protocol !== 'tcp') return ''
  const { window, urgent, options } = action.transport
  if (options === null || options.length > 0) return ''
  const words = [...(window === null ? ["'win'"] : []), ...(urgent === 0 ? ["'urg'"] : []), "'<' and TCP options"]
  return `${words.join(', ')} or `
}

function checkOrder(
  lexer: Lexer,
  time: EventTime,
  before: readonly ScriptEvent[],
  place: { line: number; column: number },
): void {
  const previous = before[before.length - 1]
  if (previous === undefined) {
    if (time.kind !== 'at' || time.at !== 0) lexer.fail('the first event must be at time 0', place)
    return
  }
  const earlier = absoluteStart(previous.time)
  const now = absoluteStart(time)
  if (earlier !== null && now !== null && now < earlier) {
    lexer.fail(`time goes backwards, from ${earlier / 1e6} to ${now / 1e6}`, place)
  }
}

function absoluteStart(time: EventTime): number | null {
  if (time.kind === 'any' || time.relative) return null
  return time.kind === 'at' ? time.at : time.from
}

function parseTime(lexer: Lexer): { time: EventTime; returnsAt: number | null } {
  if (lexer.scan(/\*/y) !== null) return { time: { kind: 'any' }, returnsAt: null }
  const relative = lexer.scan(/\+/y) !== null
  const at = parseSeconds(lexer)
  if (lexer.scan(/~/y) !== null) {
    const endRelative = lexer.scan(/\+/y) !== null
    if (endRelative !== relative) lexer.fail('both ends of a range must be absolute or both relative')
    const to = parseSeconds(lexer)
    if (to < at) lexer.fail('the range ends before it begins')
    return { time: { kind: 'between', relative, from: at, to }, returnsAt: null }
  }
  if (lexer.looksLike(/\.\.\./y)) {
    lexer.scan(/\.\.\./y)
    lexer.scan(/\+/y)
    const returnsAt = parseSeconds(lexer)
    if (returnsAt < at) lexer.fail('the call would return before it begins')
    return { time: { kind: 'at', relative, at }, returnsAt }
  }
  return { time: { kind: 'at', relative, at }, returnsAt: null }
}

/** A time in seconds, as whole microseconds. */
function parseSeconds(lexer: Lexer): number {
  const token = lexer.peek()
  if (token.kind !== 'integer' && token.kind !== 'float') lexer.expectedHere('a time')
  if (token.value < 0) lexer.fail('a time cannot be negative', token)
  lexer.next()
  return Math.round(token.value * 1e6)
}

function parseAction(lexer: Lexer, time: EventTime, returnsAt: number | null, icmp: IcmpVersion): Action {
  const token = lexer.peek()
  const place = { line: token.line, column: token.column }
  if (token.kind === 'word' && lexer.looksLike(/[A-Za-z0-9_]+\s*\(/y)) return parseCall(lexer, returnsAt)
  if (returnsAt !== null) lexer.expected('a system call')
  if (token.text === '<' || token.text === '>') return parsePacket(lexer, time, icmp)
  if (token.kind === 'command' || token.kind === 'code') {
    lexer.next()
    return { kind: token.kind, text: token.text, ...place }
  }
  if (lexer.looksLike(/[FSRP.UEWA-]+[0-7]?\s+[0-9]+:/y)) {
    lexer.expectedHere("'<' or '>' before the packet, for its direction")
  }
  if (token.kind === 'word') {
    lexer.next()
    lexer.expected(`'(' and the arguments of ${token.text}()`)
  }
  return lexer.expected("a packet ('<' or '>'), a system call, a command or a code block")
}
