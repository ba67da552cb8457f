// Read first: ECMA-262 section 21.4. Hosts of the lab have no time zone, as machines in a rack have none: a run says the same hours
// wherever it is looked at.

/** What a date has in local time and in UTC, behind "get" and "set". */
const FIELDS = ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const

/** Texts that name a zone, or are UTC without: the format of the standard has dates alone in UTC. */
const WITH_ZONE = /(?:Z|GMT|UTC?|[ECMP][SD]T|[+-]\d{2}:?\d{2})\s*(?:\(.*\))?\s*$|^[+-]?\d{4,6}(?:-\d\d){0,2}$/i
/** The standard's format with hours. */
const STANDARD = /^[+-]?\d{4,6}(?:-\d\d){0,2}T/

/** `Base` with UTC in the place of the machine's time zone, and of the reader's language. */
export function universalDate(Base: DateConstructor): DateConstructor {
  const parse = (text: string): number => {
    if (WITH_ZONE.test(text)) return Base.parse(text)
    return Base.parse(STANDARD.test(text) ? `${text}Z` : `${text} UTC`)
  }
  const given = (values: readonly unknown[]): unknown => {
    if (values.length > 1) return Base.UTC(...(values as [number, number]))
    const [value] = values
    return typeof value === 'string' ? parse(value) : value
  }
  const languages = (wanted: Intl.LocalesArgument) => wanted ?? 'en-US'

  class UniversalDate extends Base {
    constructor(...values: unknown[]) {
      if (values.length === 0) super()
      else super(given(values) as number)
    }

    override getTimezoneOffset(): number {
      return 0
    }

    override toString(): string {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : `${this.toDateString()} ${this.toTimeString()}`
    }

    override toDateString(): string {
      // "Wed, 01 Jan 2025 00:00:00 GMT"
      const [, name, day, month, year] = /^(\w+), (\d+) (\w+) (-?\d+)/.exec(this.toUTCString()) ?? []
      return name === undefined ? 'Invalid Date' : `${name} ${month} ${day} ${year}`
    }

    override toTimeString(): string {
      const [time] = /\d\d:\d\d:\d\d/.exec(this.toUTCString()) ?? []
      return time === undefined ? 'Invalid Date' : `${time} GMT+0000 (Coordinated Universal Time)`
    }

    override toLocaleString(wanted?: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions): string {
      return super.toLocaleString(languages(wanted), { timeZone: 'UTC', ...options })
    }

    override toLocaleDateString(wanted?: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions): string {
      return super.toLocaleDateString(languages(wanted), { timeZone: 'UTC', ...options })
    }

    override toLocaleTimeString(wanted?: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions): string {
      return super.toLocaleTimeString(languages(wanted), { timeZone: 'UTC', ...options })
    }
  }

  Object.defineProperty(UniversalDate, 'name', { value: 'Date' })
  const { prototype } = UniversalDate
  for (const field of FIELDS) {
    for (const does of ['get', 'set']) {
      const value = Reflect.get(prototype, `${does}UTC${field}`)
      if (value !== undefined) Object.defineProperty(prototype, `${does}${field}`, { value, writable: true })
    }
  }
  const universal = new Proxy(UniversalDate, {
    apply: () => new UniversalDate().toString(),
    get: (target, key, receiver) => (key === 'parse' ? parse : Reflect.get(target, key, receiver)),
  })
  Object.defineProperty(prototype, 'constructor', { value: universal, writable: true })
  return universal as unknown as DateConstructor
}
