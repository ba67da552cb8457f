import type { InterfaceListing } from '../../base/netstat-listing.ts'
import type { CaptureSink } from '../../device/capture.ts'
import type { WatchLine } from '../../platform/watch-line.ts'
import { type WatchEnd, WatchedStack } from '../watched-stack.ts'
import { type CapturedLink, printable } from './capture-source.ts'

interface ProgramStackOptions {
  /** What takes the frames of an interface, "server.eth0"; null: nobody wants them. */
  readonly sinkFor: (link: CapturedLink) => CaptureSink | null
  /** What stacks are called already: one of the same name gets a number. */
  readonly names: Set<string>
}

interface Known {
  readonly link: CapturedLink
  readonly isLoopback: boolean
  readonly sink: CaptureSink | null
}

/** One stack of a program: its interfaces, which come as they are made, and what passes there. */
export class ProgramStack {
  /** Resolves with null when it has told what it is; else with why it does not. */
  readonly told: Promise<WatchEnd | null>
  /** Resolves when it tells nothing any more. */
  readonly over: Promise<unknown>
  readonly #options: ProgramStackOptions
  readonly #watched: WatchedStack
  /** By the numbers of the interfaces. */
  readonly #known = new Map<number, Known>()
  #name: string | null = null
  /** As the program counts them, and those of an interface that it had no room to tell of. */
  #untold = 0
  #unknown = 0
  #hasTold: (end: WatchEnd | null) => void = () => {}

  constructor(path: string, options: ProgramStackOptions) {
    this.#options = options
    this.told = new Promise((resolve) => {
      this.#hasTold = resolve
    })
    this.#watched = new WatchedStack(path, (text) => this.#line(text))
    this.over = this.#watched.over.then(this.#hasTold)
  }

  /** Frames that were not told of. */
  get lost(): number {
    return this.#untold + this.#unknown
  }

  /** Its interfaces. */
  get links(): CapturedLink[] {
    return [...this.#known.values()].map(({ link }) => link)
  }

  /** Those of them whose frames are wanted. */
  get wanted(): CapturedLink[] {
    return [...this.#known.values()].filter(({ sink }) => sink !== null).map(({ link }) => link)
  }

  close(): void {
    this.#watched.close()
  }

  #line(text: string): void {
    const line = readLine(text)
    if (line?.tell === 'frame') this.#frame(line)
    else if (line?.tell === 'stack') this.#is(line)
    else if (line?.tell === 'sockets') this.#untold = line.lost
  }

  #frame({ at, on, inbound, bytes }: Extract<WatchLine, { tell: 'frame' }>): void {
    const known = this.#known.get(on)
    if (known === undefined) this.#unknown++
    // What a stack says to itself passes its loopback twice, out and in: as with tcpdump it is one packet.
    else if (known.sink !== null && (inbound || !known.isLoopback)) {
      const octets = Buffer.from(bytes, 'base64')
      known.sink.frame(octets, 0, octets.length, inbound ? 'in' : 'out', at)
    }
  }

  #is({ name, interfaces }: Extract<WatchLine, { tell: 'stack' }>): void {
    this.#name ??= this.#freeName(printable(name))
    for (const one of interfaces) this.#interface(one, this.#name)
    this.#hasTold(null)
  }

  #interface({ name, index, medium, hardwareAddress }: InterfaceListing, stack: string): void {
    const link = { name: `${stack}.${printable(name)}`, medium, hardwareAddress: octetsOf(hardwareAddress) }
    const before = this.#known.get(index)?.link
    if (before?.name === link.name && before.medium === medium) return
    // A stack has one from the beginning, and no other is called so.
    this.#known.set(index, { link, isLoopback: name === 'lo', sink: this.#options.sinkFor(link) })
  }

  /** "server", and "server-2" of the second that is called so. */
  #freeName(name: string): string {
    const { names } = this.#options
    let free = name
    for (let i = 2; names.has(free); i++) free = `${name}-${i}`
    names.add(free)
    return free
  }
}

/** null for what is no line: an unfinished one, of a program that has ended. */
function readLine(text: string): WatchLine | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function octetsOf(hardwareAddress: string | null): Uint8Array | null {
  return hardwareAddress === null ? null : Buffer.from(hardwareAddress.replaceAll(':', ''), 'hex')
}
