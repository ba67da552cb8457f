import type { Place } from './script.ts'

/** Why a script failed. Thrown inside the runner; `runScript` returns what it says. */
export class DrillFailure extends Error {
  readonly line: number
  readonly expected: string | null
  readonly seen: string | null

  constructor(place: Place, message: string, expected: string | null = null, seen: string | null = null) {
    super(message)
    this.line = place.line
    this.expected = expected
    this.seen = seen
  }
}
