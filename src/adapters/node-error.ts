// Read first: Node's manual, "Errors": codes, `error.name`, `error.code`; util.getSystemErrorMap. Errors that cannot be told from
// those that node:net and node:dgram of the same Node give: class, name, message, properties and how they print.

import { constants } from 'node:os'
import { format, getSystemErrorMap, getSystemErrorName, type InspectOptions, inspect } from 'node:util'
import { errnoName } from '../base/errno.ts'

type Above = (...args: never[]) => unknown

interface CodedErrorConstructor {
  new (code: string, message: string, above?: Above): Error & { code: string }
}

// Of each of the three classes one that has a code beside it. Programs see the plain class behind `constructor`, as with Node's.
function withCode(Plain: ErrorConstructor): CodedErrorConstructor {
  class Coded extends Plain {
    code: string

    constructor(code: string, message: string, above?: Above) {
      super(message)
      this.code = code
      nameCodeInStack(this, code, above)
    }

    override toString(): string {
      return `${this.name} [${this.code}]: ${this.message}`
    }
  }
  Object.defineProperty(Coded.prototype, 'constructor', { get: () => Plain, configurable: true })
  return Coded as unknown as CodedErrorConstructor
}

// The first line of the stack names the code, `name` does not: it is taken from the name that stands there meanwhile.
function nameCodeInStack(error: Error, code: string | undefined, above: Above | undefined): void {
  Object.defineProperty(error, 'name', { value: `${error.name} [${code}]`, configurable: true })
  if (above !== undefined) Error.captureStackTrace(error, above)
  void error.stack
  Reflect.deleteProperty(error, 'name')
}

const CodedError = withCode(Error)
const CodedTypeError = withCode(TypeError as ErrorConstructor)
const CodedRangeError = withCode(RangeError as ErrorConstructor)

/** Codes whose text is always the same. */
const FIXED = {
  ERR_SERVER_ALREADY_LISTEN: [CodedError, 'Listen method has been called more than once without closing.'],
  ERR_SERVER_NOT_RUNNING: [CodedError, 'Server is not running.'],
  ERR_SOCKET_ALREADY_BOUND: [CodedError, 'Socket is already bound'],
  ERR_SOCKET_BAD_BUFFER_SIZE: [CodedTypeError, 'Buffer size must be a positive integer'],
  ERR_SOCKET_BAD_TYPE: [CodedTypeError, 'Bad socket type specified. Valid types are: udp4, udp6'],
  ERR_SOCKET_CLOSED: [CodedError, 'Socket is closed'],
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: [CodedError, 'Socket closed before the connection was established'],
  ERR_SOCKET_CONNECTION_TIMEOUT: [CodedError, 'Socket connection timeout'],
  ERR_SOCKET_DGRAM_IS_CONNECTED: [CodedError, 'Already connected'],
  ERR_SOCKET_DGRAM_NOT_CONNECTED: [CodedError, 'Not connected'],
  ERR_SOCKET_DGRAM_NOT_RUNNING: [CodedError, 'Not running'],
  ERR_ILLEGAL_CONSTRUCTOR: [CodedTypeError, 'Illegal constructor'],
  ERR_INVALID_HANDLE_TYPE: [CodedTypeError, 'This handle type cannot be sent'],
} as const satisfies Record<string, readonly [CodedErrorConstructor, string]>

/** The error of a code whose text says all: `nodeError('ERR_SOCKET_CLOSED')`. */
export function nodeError(code: keyof typeof FIXED): Error & { code: string } {
  const [Kind, text] = FIXED[code]
  return new Kind(code, text, nodeError)
}

/** For codes that only one place gives: `otherNodeError('ERR_X', 'Its text')`, of the class that Node has for it. */
export function otherNodeError(
  code: string,
  text: string,
  kind: 'Error' | 'TypeError' | 'RangeError' = 'Error',
): Error {
  const Kind = kind === 'Error' ? CodedError : kind === 'TypeError' ? CodedTypeError : CodedRangeError
  return new Kind(code, text, otherNodeError)
}

/** What is called a type, not a class, where a text says what was expected. */
const TYPES = new Set(['string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol'])
const CLASS = /^([A-Z][a-z0-9]*)+$/

/** The argument `name` should have been one of `expected`: types ('string'), classes ('Buffer') or words ('net.BlockList'). */
export function invalidArgType(name: string, expected: string | readonly string[], actual: unknown): Error {
  const all = typeof expected === 'string' ? [expected] : expected
  const classes = all.filter((one) => !TYPES.has(one) && CLASS.test(one))
  const words = all.filter((one) => !TYPES.has(one) && !CLASS.test(one))
  let types = all.filter((one) => TYPES.has(one)).map((one) => one.toLowerCase())
  if (classes.length > 0 && types.includes('object')) {
    types = types.filter((one) => one !== 'object')
    classes.push('Object')
  }
  const parts: string[] = []
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${list(types, 'or')}`)
  if (classes.length > 0) parts.push(`an instance of ${list(classes, 'or')}`)
  if (words.length === 1) parts.push(words[0]?.toLowerCase() === words[0] ? `${words[0]}` : `an ${words[0]}`)
  if (words.length > 1) parts.push(`one of ${list(words, 'or')}`)
  const subject = name.endsWith(' argument') ? name : `"${name}" ${kindOf(name)}`
  const text = `The ${subject} must be ${parts.join(' or ')}. Received ${received(actual)}`
  return new CodedTypeError('ERR_INVALID_ARG_TYPE', text, invalidArgType)
}

/** The argument `name` has a value that will not do. */
export function invalidArgValue(name: string, value: unknown, reason = 'is invalid'): Error {
  const shown = inspect(value)
  const text = `The ${kindOf(name)} '${name}' ${reason}. Received ${shown.length > 128 ? `${shown.slice(0, 128)}...` : shown}`
  return new CodedTypeError('ERR_INVALID_ARG_VALUE', text, invalidArgValue)
}

/** A number outside `range`: '>= 0 && <= 5', 'an integer'. */
export function outOfRange(name: string, range: string, value: unknown): Error {
  let shown = inspect(value)
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32)
    shown = thousands(String(value))
  else if (typeof value === 'bigint' && (value > 2n ** 32n || value < -(2n ** 32n)))
    shown = `${thousands(String(value))}n`
  const text = `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`
  return new CodedRangeError('ERR_OUT_OF_RANGE', text, outOfRange)
}

export function badPort(name: string, port: unknown, allowZero: boolean): Error {
  const text = `${name} should be ${allowZero ? '>=' : '>'} 0 and < 65536. Received ${received(port)}.`
  return new CodedRangeError('ERR_SOCKET_BAD_PORT', text, badPort)
}

/** Each of `names` is an argument that lacks, or several of which one would do. */
export function missingArgs(...names: (string | readonly string[])[]): Error {
  const shown = names.map((one) => (typeof one === 'string' ? [one] : one).map((name) => `"${name}"`).join(' or '))
  const text = `The ${list(shown, 'and')} argument${names.length > 1 ? 's' : ''} must be specified`
  return new CodedTypeError('ERR_MISSING_ARGS', text, missingArgs)
}

export function bufferOutOfBounds(name: string): Error {
  return new CodedRangeError('ERR_BUFFER_OUT_OF_BOUNDS', `"${name}" is outside of buffer bounds`, bufferOutOfBounds)
}

/** `type` is what is behind the descriptor: 'TTY', 'FILE', 'UNKNOWN'. */
export function invalidFdType(type: string): Error {
  return new CodedTypeError('ERR_INVALID_FD_TYPE', `Unsupported fd type: ${type}`, invalidFdType)
}

export function invalidIpAddress(address: unknown): Error {
  return new CodedTypeError('ERR_INVALID_IP_ADDRESS', format('Invalid IP address: %s', address), invalidIpAddress)
}

/** A lookup has found an address of neither version, or of the other one than the socket has. */
export function invalidAddressFamily(family: unknown, host: unknown, port: unknown): Error {
  const text = `Invalid address family: ${String(family)} ${String(host)}:${String(port)}`
  const error = new CodedRangeError('ERR_INVALID_ADDRESS_FAMILY', text, invalidAddressFamily)
  return Object.assign(error, { host, port })
}

/** A block list holds the address. */
export function ipBlocked(address: string): Error {
  return new CodedError('ERR_IP_BLOCKED', `IP(${address}) is blocked by net.BlockList`, ipBlocked)
}

/** What an AbortSignal has made of an operation; `cause` is the signal's reason. */
export function abortError(cause?: unknown): Error {
  const error = new Error('The operation was aborted', cause === undefined ? undefined : { cause })
  Object.assign(error, { code: 'ABORT_ERR' })
  error.name = 'AbortError'
  return error
}

/** "socket hang up", "read ECONNRESET": an Error with the code ECONNRESET. */
export function connectionReset(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}

/** Several errors as one, with the code of the first: what a connect to every address of a name ends in. */
export function aggregateError(errors: readonly Error[], message?: string): Error {
  const { code } = errors[0] as NodeJS.ErrnoException
  const error = Object.assign(new AggregateError(errors, message), { code })
  nameCodeInStack(error, code, aggregateError)
  // What Node puts its name before has a colon there, without a message too.
  error.stack = error.stack?.replace(/^[^:\n]*(?=\n|$)/, '$&: ') as string
  return error
}

interface SystemErrorFields {
  errno: number
  code: string
  syscall: string
  address?: unknown
  port?: unknown
}

/** `errno` is Linux's, negated, as the calls of an Endpoint have it, or what libuv has beside it (UV_EAI…): -111 is "connect ECONNREFUSED". */
export function errnoException(errno: number, syscall: string, original?: string): Error & SystemErrorFields {
  const fields = named(errno)
  const text = `${syscall} ${fields.code}${original ? ` ${original}` : ''}`
  return Object.assign(new Error(text), { errno: fields.errno, code: fields.code, syscall })
}

/** "connect ECONNREFUSED 127.0.0.1:1 - Local (…)": of connect, bind, send. `address` is a path where there is no port. */
export function exceptionWithHostPort(
  errno: number,
  syscall: string,
  address: unknown,
  port?: unknown,
  additional?: string,
): Error & SystemErrorFields {
  const fields = named(errno)
  const local = additional ? ` - Local (${additional})` : ''
  const error = new Error(`${syscall} ${fields.code}${where(address, port)}${local}`)
  return withPlace(Object.assign(error, { errno: fields.errno, code: fields.code, syscall, address }), port)
}

/** "listen EADDRINUSE: address already in use :::80": of listen, with libuv's words. */
export function listenException(
  errno: number,
  syscall: string,
  address: unknown,
  port?: unknown,
): Error & SystemErrorFields {
  const fields = named(errno)
  const error = new Error(`${syscall} ${fields.code}: ${fields.text}${where(address, port)}`)
  return withPlace(Object.assign(error, { code: fields.code, errno: fields.errno, syscall, address }), port)
}

function where(address: unknown, port: unknown): string {
  if (port && (port as number) > 0) return ` ${String(address)}:${String(port)}`
  return address ? ` ${String(address)}` : ''
}

function withPlace<T extends Error>(error: T, port: unknown): T {
  return port ? Object.assign(error, { port }) : error
}

/** A buffer's size could neither be had nor set: Node's SystemError, with what the system said as `info`. */
export function bufferSizeError(errno: number, syscall: string): Error {
  const fields = named(errno)
  const info = { errno: fields.errno, code: fields.code, message: fields.text, syscall }
  return new NodeError('ERR_SOCKET_BUFFER_SIZE', 'Could not get or set buffer size', info)
}

interface SystemErrorInfo {
  errno: number
  code: string
  message: string
  syscall: string
}

// By this name it prints.
class NodeError extends Error {
  code: string

  constructor(code: string, prefix: string, info: SystemErrorInfo) {
    super()
    this.code = code
    const hidden = { writable: true, configurable: true, enumerable: false }
    const shared = (key: 'errno' | 'syscall') => ({
      get: () => info[key],
      set: (value: never) => {
        info[key] = value
      },
      enumerable: true,
      configurable: true,
    })
    Object.defineProperties(this, {
      message: { value: `${prefix}: ${info.syscall} returned ${info.code} (${info.message})`, ...hidden },
      info: { value: info, enumerable: true, configurable: true },
      errno: shared('errno'),
      syscall: shared('syscall'),
    })
    // The first line of the stack names the code, as above.
    const name = { ...hidden, value: `SystemError [${code}]` }
    Error.captureStackTrace(Object.defineProperty(this, 'name', name), bufferSizeError)
    void this.stack
    Object.defineProperty(this, 'name', { ...hidden, value: 'SystemError' })
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return inspect(this, { ...options, getters: true, customInspect: false })
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`
  }
}

/** libuv's number, name and words for a negated errno of Linux. They are Linux's own there; elsewhere the name leads to them. */
function named(errno: number): { errno: number; code: string; text: string } {
  const number = process.platform === 'linux' ? errno : localNumber(errno)
  const [code, text] = getSystemErrorMap().get(number) ?? [getSystemErrorName(number), 'unknown error']
  return { errno: number, code, text }
}

function localNumber(errno: number): number {
  const name = errnoName(errno)
  for (const [number, [code]] of getSystemErrorMap()) if (code === name) return number
  const own = constants.errno[name as keyof typeof constants.errno]
  return own === undefined ? errno : -own
}

/** What a text says was received: "type number (5)", "an instance of Date". */
export function received(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  switch (typeof value) {
    case 'function':
      return `function ${value.name}`
    case 'object': {
      const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
      return typeof name === 'string' && name !== '' ? `an instance of ${name}` : inspect(value, { depth: -1 })
    }
    case 'string': {
      const shown = value.length > 28 ? `${value.slice(0, 25)}...` : value
      return `type string (${shown.includes("'") ? JSON.stringify(shown) : `'${shown}'`})`
    }
    case 'symbol':
      return `type symbol (${String(value)})`
    default:
      return `type ${typeof value} (${Object.is(value, -0) ? '-0' : `${value}${typeof value === 'bigint' ? 'n' : ''}`})`
  }
}

function kindOf(name: string): 'property' | 'argument' {
  return name.includes('.') ? 'property' : 'argument'
}

function list(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 3) return words.join(` ${last} `)
  return `${words.slice(0, -1).join(', ')}, ${last} ${words[words.length - 1]}`
}

// 12345678 → 12_345_678.
function thousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, '_')
}
