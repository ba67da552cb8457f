import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../../base/constants.ts'
import { os } from '../../../os/operating-system.ts'
import { Socket } from '../../../socket/socket.ts'
import type { Say } from '../../programs/say.ts'
import type { HostName } from '../demo-host.ts'
import type { Story } from '../demo-story.ts'

/** Where a program is shown on the operating system's sockets: on the loopback, in real time. */
export class OsStage {
  readonly #story: Story | null
  readonly #origin = performance.now()

  /** `story`: null where nothing is told. */
  constructor(story: Story | null) {
    this.#story = story
  }

  get #time(): number {
    return performance.now() - this.#origin
  }

  /** What a program says. */
  voice(host: HostName): Say {
    return (text) => this.#story?.says(host, text, this.#time)
  }

  /** For the lines of a trace. */
  tracer(host: HostName): (line: string) => void {
    return (line) => this.#story?.calls(host, line, this.#time)
  }

  /** What is often said, and what was seen instead. */
  remark(said: string, seen: string): void {
    this.#story?.remark(said, seen, this.#time)
  }

  show(host: HostName, title: string, text: string): void {
    this.#story?.shows(host, title, text, this.#time)
  }

  /** Runs a server until its client has ended. Gives what both give. */
  async play<S, C>(server: (signal: AbortSignal) => Promise<S>, client: () => Promise<C>): Promise<[S, C]> {
    const stop = new AbortController()
    const serving = server(stop.signal)
    // A server that cannot begin ends the play at once.
    const failed = serving.then(() => new Promise<never>(() => {}))
    failed.catch(() => {})
    try {
      const answer = await Promise.race([client(), failed])
      stop.abort()
      return [await serving, answer]
    } finally {
      stop.abort()
    }
  }
}

/** A port of TCP that nobody has at this moment: the usual ones may be somebody's on this machine, or need a privilege. */
export function freeTcpPort(): Promise<number> {
  return freePort(SOCK_STREAM)
}

export function freeUdpPort(): Promise<number> {
  return freePort(SOCK_DGRAM)
}

async function freePort(type: number): Promise<number> {
  const socket = new Socket(os, AF_INET, type)
  socket.bind({ address: '', port: 0 })
  const { port } = socket.getsockname()
  await socket.close()
  return port
}
