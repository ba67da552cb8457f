// Read first: RFC 9112 sections 9.3 and 9.5.

import type { Alarm, Clock } from '../../base/clock.ts'
import type { HttpConnection } from './http-connection.ts'

/** Connections that wait for another request, in all and to one origin; of more the oldest is closed. */
const MOST = 64
const MOST_OF_ORIGIN = 8

interface Idle {
  readonly origin: string
  readonly connection: HttpConnection
  readonly closesAt: number
}

/** Connections that were used and may be used again. While they wait they keep no process alive. */
export class ConnectionPool {
  readonly #clock: Clock
  readonly #alarm: Alarm
  /** The oldest first. */
  #idle: Idle[] = []

  constructor(clock: Clock) {
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#expire())
  }

  /** One to that origin, the one that waits for the shortest time; null where there is none. */
  take(origin: string): HttpConnection | null {
    const found = this.#idle.findLast((idle) => idle.origin === origin)
    if (found === undefined) return null
    this.#remove(found)
    found.connection.keepAlive(true)
    return found.connection
  }

  /** Keeps a connection for so many milliseconds. */
  put(origin: string, connection: HttpConnection, milliseconds: number): void {
    const idle = { origin, connection, closesAt: this.#clock.now() + milliseconds }
    connection.keepAlive(false)
    const same = this.#idle.filter((other) => other.origin === origin)
    if (same.length >= MOST_OF_ORIGIN) this.#drop(same[0] as Idle)
    else if (this.#idle.length >= MOST) this.#drop(this.#idle[0] as Idle)
    this.#idle.push(idle)
    this.#setAlarm()
    // The end, an error, or an answer that nobody has asked for: whatever comes now, nothing can be asked any more.
    const drop = () => {
      if (this.#idle.includes(idle)) this.#drop(idle)
    }
    connection.reader.fill().then(drop, drop)
  }

  #expire(): void {
    const now = this.#clock.now()
    for (const idle of this.#idle.filter(({ closesAt }) => closesAt <= now)) this.#drop(idle)
    this.#setAlarm()
  }

  #setAlarm(): void {
    if (this.#idle.length === 0) this.#alarm.clear()
    else this.#alarm.set(Math.min(...this.#idle.map(({ closesAt }) => closesAt)))
  }

  #drop(idle: Idle): void {
    this.#remove(idle)
    idle.connection.close()
  }

  #remove(idle: Idle): void {
    this.#idle = this.#idle.filter((other) => other !== idle)
  }
}
