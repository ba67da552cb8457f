// Values as a terminal shows them: what console.log prints.

const DEPTH = 3
const ENTRIES = 50
const LENGTH = 10_000

/** The arguments of console.log as one text: texts as they are, other values as they would be written. */
export function format(values: readonly unknown[]): string {
  const text = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}… ${text.length - LENGTH} more characters` : text
}

/** A value as it would be written. Whatever it does when it is looked at, this gives a text. */
export function inspect(value: unknown): string {
  try {
    return show(value, DEPTH, new Set())
  } catch (error) {
    return `[not to be shown: ${error instanceof Error ? error.message : typeof error}]`
  }
}

function show(value: unknown, depth: number, above: Set<unknown>): string {
  if (typeof value === 'string') return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[function ${value.name === '' ? '(anonymous)' : value.name}]`
  if (value === null || typeof value !== 'object') return String(value)
  if (above.has(value)) return '[circular]'
  if (value instanceof Error) return value.stack === undefined ? String(value) : errorText(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (depth === 0) return Array.isArray(value) ? '[array]' : `[${kind(value) || 'object'}]`
  above.add(value)
  const text = container(value, (inner) => show(inner, depth - 1, above))
  above.delete(value)
  return text
}

function errorText(error: Error): string {
  return `${error.name}: ${error.message}`
}

function kind(value: object): string {
  const name = Object.getPrototypeOf(value)?.constructor?.name as string | undefined
  return name === undefined || name === 'Object' ? '' : name
}

// What is not shown is not looked at: there may be millions of it.
function container(value: object, inner: (value: unknown) => string): string {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as Uint8Array
    return `${kind(value)}(${numbers.length}) ${list('[', numbers.length, [...numbers.subarray(0, ENTRIES)].map(String), ']')}`
  }
  if (Array.isArray(value)) return list('[', value.length, value.slice(0, ENTRIES).map(inner), ']')
  if (value instanceof Map) {
    const entries = first(value).map(([key, entry]) => `${inner(key)} => ${inner(entry)}`)
    return `Map(${value.size}) ${list('{', value.size, entries, '}')}`
  }
  if (value instanceof Set) return `Set(${value.size}) ${list('{', value.size, first(value).map(inner), '}')}`
  const keys = Object.keys(value)
  const fields = keys.slice(0, ENTRIES).map((key) => {
    const name = /^[\w$]+$/.test(key) ? key : `'${key}'`
    return `${name}: ${inner((value as Record<string, unknown>)[key])}`
  })
  const name = kind(value)
  return `${name === '' ? '' : `${name} `}${list('{', keys.length, fields, '}')}`
}

function first<T>(values: Iterable<T>): T[] {
  const found: T[] = []
  for (const value of values) {
    if (found.length === ENTRIES) break
    found.push(value)
  }
  return found
}

/** `entries`: those that are shown, of `total`. */
function list(open: string, total: number, entries: readonly string[], close: string): string {
  if (total === 0) return open + close
  const text = [...entries, ...(total > ENTRIES ? [`… ${total - ENTRIES} more`] : [])].join(', ')
  return open === '{' ? `{ ${text} }` : `${open} ${text} ${close}`
}
