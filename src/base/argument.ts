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

/** Throws where `value` is not an object with these methods; `what` says what it should be: "a Clock". */
export function checkMethods(name: string, value: unknown, what: string, ...methods: readonly string[]): void {
  const object = value as Record<string, unknown> | null | undefined
  if (
    object !== null &&
    typeof object === 'object' &&
    methods.every((method) => typeof object[method] === 'function')
  ) {
    return
  }
  throw new TypeError(`${name} must be ${what}, got ${given(value)}`)
}

/** Throws where `options` is not an object, or has a key that is not among `keys`: a slip of the pen must not mean "default". */
export function checkOptions(name: string, options: unknown, keys: readonly string[]): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`${name} must be an object, got ${given(options)}`)
  }
  for (const key in options) {
    if (!keys.includes(key)) throw new TypeError(`${name} has no '${key}': there are ${keys.join(', ')}`)
  }
}
