/** What is told of each service, by the name of its counter: that something of the kind has happened. */
const TROUBLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dns: {
    dropped: 'something came that is no question, and was not answered',
    wrongAnswers: 'an answer came that nobody had asked for, or too late, and was not believed',
    timeouts: 'a server that is asked did not answer in time',
    failures: 'a question had no answer, and was told so (SERVFAIL)',
  },
  dhcp: {
    malformed: 'a message came that cannot be read, or says too little, and was not answered',
    limited: 'more messages came in a second than are looked at',
    exhausted: 'there was no address left for a client',
    declines: 'a client says that the address it was given is somebody else’s',
  },
  dhcp6: {
    malformed: 'a message came that cannot be read, or lacks what it must have, and was not answered',
    limited: 'more messages came in a second than are looked at',
    exhausted: 'there was no address left for a client',
    declines: 'a client says that the address it was given is somebody else’s',
  },
  mdns: { dropped: 'something came that is no message of the link, and was not heard' },
}

const LOOK = 1000

/** Says once of each kind of trouble that it has come to a service: what it counts, nobody sees. */
export class TroubleLog {
  readonly #watched: { readonly name: string; readonly counters: () => object }[] = []
  readonly #told = new Set<string>()
  readonly #say: (line: string) => void
  #timer: NodeJS.Timeout | null = null

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  watch(name: string, counters: () => object): void {
    this.#watched.push({ name, counters })
    this.#timer ??= setInterval(() => this.look(), LOOK).unref()
  }

  look(): void {
    for (const { name, counters } of this.#watched) {
      const now = counters() as Readonly<Record<string, number | undefined>>
      for (const [counter, text] of Object.entries(TROUBLE[name] ?? {})) {
        if ((now[counter] ?? 0) === 0 || this.#told.has(`${name} ${counter}`)) continue
        this.#told.add(`${name} ${counter}`)
        this.#say(`${name}: ${text}; this is told once`)
      }
    }
  }

  /** Tells what has not been told yet. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.look()
  }
}
