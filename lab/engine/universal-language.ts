// Read first: ECMA-402 chapter 19, what it has of other objects.

/** What says something in a reader's language, unless it is told another one: by which of its arguments. */
const SPEAKING: readonly (readonly [string, string, number])[] = [
  ['Number', 'toLocaleString', 0],
  ['BigInt', 'toLocaleString', 0],
  ['String', 'toLocaleUpperCase', 0],
  ['String', 'toLocaleLowerCase', 0],
  ['String', 'localeCompare', 1],
]

type Method = (this: unknown, ...values: unknown[]) => unknown

/**
 * Has numbers and texts of `realm` written and compared as in American English where no language is asked for: a run is the same wherever it is
 * looked at. For a thread in which programs alone run; dates are those of universalDate.
 */
export function speakOneLanguage(realm: object): void {
  for (const [name, method, place] of SPEAKING) {
    const { prototype } = (realm as Record<string, { prototype: Record<string, Method> }>)[name] as {
      prototype: Record<string, Method>
    }
    const own = prototype[method] as Method
    // As a method of the language: without a place in loops over properties, and no constructor.
    const spoken: Record<string, Method> = {
      [method](...values) {
        values[place] ??= 'en-US'
        return own.apply(this, values)
      },
    }
    Object.defineProperty(prototype, method, {
      value: spoken[method],
      writable: true,
      enumerable: false,
      configurable: true,
    })
  }
}
