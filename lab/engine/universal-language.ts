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
    const { spoken } = {
      spoken(this: unknown, ...values: unknown[]): unknown {
        const given = [...values]
        while (given.length < place) given.push(undefined)
        given[place] ??= 'en-US'
        return own.apply(this, given)
      },
    }
    Object.defineProperty(spoken, 'name', { value: method })
    Object.defineProperty(prototype, method, { value: spoken, writable: true, enumerable: false, configurable: true })
  }
}
