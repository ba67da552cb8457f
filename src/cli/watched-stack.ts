import { createConnection, type Socket } from 'node:net'

/** The longest line in octets: many sockets, with all that is known of them. */
const LINE_MAX = 16 << 20

/**
 * Why nothing is told any more. 'ended': something was, until the program ended, or showed the stack no more. 'gone': it had before.
 * 'refused': as many watch as may: who is let in is told of the stack at once, and all others are hung up on.
 */
export type WatchEnd = 'ended' | 'gone' | 'refused'

/** A stack of a running program, as it is told of at a socket of its own: a line of JSON for each thing that happens (`WatchLine`). */
export class WatchedStack {
  /** Resolves when nothing is told any more. */
  readonly over: Promise<WatchEnd>
  readonly #connection: Socket

  /** `path`: one of those that `watchedStacks` gives; `take` gets each line. */
  constructor(path: string, take: (line: string) => void) {
    const connection = createConnection(path)
    let end: WatchEnd = 'refused'
    readLines(connection, (line) => {
      end = 'ended'
      take(line)
    })
    connection.on('error', () => {
      if (end === 'refused') end = 'gone'
    })
    this.over = new Promise((resolve) => connection.once('close', () => resolve(end)))
    this.#connection = connection
  }

  /** Reads no more until `resume`: what cannot be told is lost where it happens, and counted there. */
  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  close(): void {
    this.#connection.destroy()
  }
}

function readLines(socket: Socket, take: (line: string) => void): void {
  let parts: string[] = []
  let length = 0
  socket.setEncoding('utf8').on('data', (text: string) => {
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end))
      take(parts.join(''))
      // Who has had enough hears no more, of what has come already either.
      if (socket.destroyed) return
      parts = []
      length = 0
      start = end + 1
    }
    parts.push(text.slice(start))
    length += text.length - start
    if (length > LINE_MAX) socket.destroy()
  })
}
