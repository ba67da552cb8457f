// Read first: socket.connect and server.listen in Node's manual: the forms that their arguments have.

import * as nodeNet from 'node:net'

export interface Normalized extends Array<unknown> {
  0: Record<string, unknown>
  1: ((...args: unknown[]) => void) | null
}

/** What Node's own modules mark normalized arguments with: they pass them on to each other, and to us. */
const MARK: symbol = markOfNode() ?? Symbol('normalizedArgs')

function markOfNode(): symbol | undefined {
  const { _normalizeArgs } = nodeNet as unknown as { _normalizeArgs?: (args: unknown[]) => object }
  return _normalizeArgs === undefined ? undefined : Object.getOwnPropertySymbols(_normalizeArgs([]))[0]
}

/** (options, …, callback), (path, …, callback) or (port, host, …, callback) as [options, callback or null]. */
export function normalizeArguments(args: readonly unknown[]): Normalized {
  const [first, second] = args
  const last = args[args.length - 1]
  let options: Record<string, unknown> = {}
  if (typeof first === 'object' && first !== null) options = first as Record<string, unknown>
  else if (isPath(first)) options.path = first
  else if (args.length > 0) {
    options.port = first
    if (typeof second === 'string') options.host = second
  }
  return mark([options, typeof last === 'function' ? (last as () => void) : null])
}

/** `args` where they are [normalized arguments], else those arguments normalized. */
export function normalizedOnce(args: readonly unknown[]): Normalized {
  const [first] = args
  const marked = Array.isArray(first) && (first as unknown as Record<symbol, unknown>)[MARK] === true
  return marked ? (first as Normalized) : normalizeArguments(args)
}

/** Text that is no number. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && countOf(value) === false
}

/** A number of 0 or more, or false. */
export function countOf(value: unknown): number | false {
  const number = Number(value)
  return number >= 0 ? number : false
}

function mark(pair: [Record<string, unknown>, (() => void) | null]): Normalized {
  return Object.assign(pair, { [MARK]: true }) as unknown as Normalized
}
