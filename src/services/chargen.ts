// Read first: RFC 864.

import type { Socket } from '../socket/socket.ts'

/** The port that RFC 864 gives the character generator, TCP and UDP. */
export const CHARGEN_PORT = 19

const FIRST = 0x20
const CHARACTERS = 95
const LINE = 72
const LINE_WITH_END = LINE + 2
/** After this many octets the pattern begins again. */
const PERIOD = CHARACTERS * LINE_WITH_END
// Many periods at once: what it costs to send is counted in calls.
const PERIODS = 36

/** `periods` times the pattern of RFC 864: lines of 72 characters, each beginning one character further on. */
export function chargenPattern(periods = 1): Uint8Array {
  const pattern = new Uint8Array(PERIOD * periods)
  for (let line = 0, at = 0; at < pattern.length; line++) {
    for (let column = 0; column < LINE; column++) pattern[at++] = FIRST + ((line + column) % CHARACTERS)
    pattern[at++] = 0x0d
    pattern[at++] = 0x0a
  }
  return pattern
}

let shared: Uint8Array | null = null

/** Sends the pattern until the client closes the connection; what the client sends is thrown away. */
export async function chargenStream(socket: Socket): Promise<void> {
  shared ??= chargenPattern(PERIODS)
  // A client that has finished sending may go on listening. Whatever ends hearing early ends sending too.
  hear(socket).catch(() => {})
  for (;;) await socket.send(shared)
}

async function hear(socket: Socket): Promise<void> {
  const bin = new Uint8Array(1024)
  while ((await socket.recv(bin)) > 0);
}

/** The answer to a datagram: up to 512 characters of the pattern, how many is random. */
export class ChargenDatagrams {
  readonly #pattern: Uint8Array = chargenPattern()
  readonly #below: (limit: number) => number

  /** `below(limit)` gives an integer from 0 to limit − 1. */
  constructor(below: (limit: number) => number) {
    this.#below = below
  }

  answer(): Uint8Array {
    const line = this.#below(CHARACTERS - 7)
    return this.#pattern.subarray(line * LINE_WITH_END, line * LINE_WITH_END + this.#below(513))
  }
}
