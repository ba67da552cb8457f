// What a caller can get wrong, found before anything is done: a TypeError for a value of the wrong kind, a RangeError for one that
// cannot be, with the argument's name and what was given.

/** For messages: a short text of any value. */
export function given(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return 'an array'
  const name = value.constructor?.name
  return name === undefined || name === '' ? 'an object' : `an object of class ${name}`
}

/** Whether `value` is a Uint8Array, be it one of another realm (a frame, node:vm): only those pay for the second look. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
}

/** Throws where `value` is not a number, or not an integer from `low` to `high`. */
export function checkInteger(name: string, value: unknown, low = -0x80000000, high = 0x7fffffff): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be an integer, got ${given(value)}`)
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${name} must be an integer from ${low} to ${high}, got ${value}`)
  }
}

/** Throws where `value` is neither a number nor left out: its range is the caller's matter. */
export function checkNumber(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'number') {
    throw new TypeError(`${name} must be a number, got ${given(value)}`)
  }
}

/** Throws where `value` is neither true nor false nor left out. */
export function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`${name} must be true or false, got ${given(value)}`)
  }
}

/** Throws where `value` is neither a string of at least one character nor left out. */
export function checkText(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, got ${given(value)}`)
  if (value === '') throw new RangeError(`${name} must not be empty, got ""`)
}

/** Throws where `value` is neither a function nor left out. */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`${name} must be a function, got ${given(value)}`)
  }
}

/** Throws where `value` is not an object with these methods; `what` says what it should be: "a Clock". */
export function checkMethods(name: string, value: unknown, what: string, ...methods: readonly string[]): void {
  const object = value as Record<string, unknown> | null | undefined
  if (object === null || typeof object !== 'object') throw new TypeError(`${name} must be ${what}, got ${given(value)}`)
  for (let i = 0; i < methods.length; i++) {
    if (typeof object[methods[i] as string] === 'function') continue
    throw new TypeError(`${name} must be ${what}, got ${given(value)}`)
  }
}

/**
 * Throws where `options` is not an object, or has a key that is not among `keys`: a slip of the pen must not mean "default". `where` they
 * are all described, if there are too many for a message.
 */
export function checkOptions(name: string, options: unknown, keys: readonly string[], where?: string): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`${name} must be an object, got ${given(options)}`)
  }
  for (const key in options) {
    if (keys.includes(key)) continue
    const rest = where === undefined ? `there are ${keys.join(', ')}` : `${didYouMean(key, keys)}${where}`
    throw new TypeError(`${name} has no '${key}': ${rest}`)
  }
}

/** "did you mean 'a' or 'b'? " for what is close to `word`, the closest first; '' where nothing is. */
function didYouMean(word: string, keys: readonly string[]): string {
  const small = word.toLowerCase()
  const most = Math.max(2, Math.floor(word.length / 3))
  const close = keys
    .map((key) => ({ key, far: farness(small, key.toLowerCase()) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far)
  if (close.length === 0) return ''
  return `did you mean ${close
    .slice(0, 3)
    .map(({ key }) => `'${key}'`)
    .join(' or ')}? `
}

/** Letters to change, add or take away (Levenshtein); little where one of the two holds the other. */
function farness(a: string, b: string): number {
  if (a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a))) return 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] as number) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
