// What happens in a stack, told while it happens to those who watch. While nobody does, it costs a comparison for each packet and each call.
// Who watches and is slow loses frames and calls, and is told how many: the program's memory does not grow for him.

import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { Offload } from '../device/device.ts'
import { WireImage } from '../device/wire-image.ts'
import { observe } from '../socket/observer.ts'
import { CallLog } from '../socket/trace/call-log.ts'
import { readCall } from '../socket/trace/told-call.ts'
import { TracingProvider } from '../socket/trace/trace.ts'
import { ConnectionChanges } from '../stack/connection-changes.ts'
import { writtenStream } from '../stack/endpoint/written-stream.ts'
import type { FrameTap } from '../stack/link/frame-tap.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
import { netstat } from '../stack/netstat.ts'
import { listInterfaces } from '../stack/netstat-tables.ts'
import type { Stack } from '../stack/stack.ts'
import type { WatchLine } from './watch-line.ts'

/** Octets that wait for a watcher before frames and calls are lost to him. */
const WAITING_MAX = 4 << 20
/** Milliseconds from one list of sockets to the next, while something happens, and while nothing does: timers count down. */
const BUSY_INTERVAL = 250
const IDLE_INTERVAL = 1000
/** To list sockets takes no more than this part of the program's time. */
const SHARE = 0.05
/** Sockets that are told of. */
const SOCKETS_MAX = 1000
/** With more connections than these, they are not looked at with each frame, but as sockets are. */
const CONNECTIONS_MAX = 256

type ChangeLine = Extract<WatchLine, { tell: 'change' }>

interface Watcher {
  readonly connection: Socket
  lost: number
  lostCalls: number
  /** The interfaces, as he was told of them last. */
  interfaces: string
  /** By their ends, connections that have gone on while he had no room: from where he knows them to be, to where they are. */
  readonly missed: Map<string, ChangeLine>
}

const watches = new WeakMap<Stack, StackWatch>()

export class StackWatch implements FrameTap {
  readonly #stack: Stack
  readonly #name: string
  readonly #watchers = new Set<Watcher>()
  readonly #image: WireImage
  #changes: ConnectionChanges | null = null
  readonly #log: CallLog
  /** Calls go before what they have caused. */
  #calls: string[] = []
  #lines: string[] = []
  // Of all these.
  #octets = 0
  #frames = 0
  #changed: ChangeLine[] = []
  #timer: NodeJS.Timeout | null = null
  #handing: NodeJS.Immediate | null = null
  #toldAt = 0
  #happened = false
  // Of the frame that is looked at.
  #on = 0
  #inbound = false
  #at = 0

  private constructor(stack: Stack, name: string) {
    this.#stack = stack
    this.#name = name
    this.#image = new WireImage((bytes, start, end) => this.#frame(bytes, start, end))
    this.#log = new CallLog({ now }, (text, at) => this.#called(text, at), { column: 0 })
    this.#log.isOn = false
    observe(stack, (inner) => new TracingProvider(inner, this.#log))
  }

  /** The watch of a stack: it has one, however often it is shown, and whatever it is called then. */
  static of(stack: Stack, name: string): StackWatch {
    let watch = watches.get(stack)
    if (watch === undefined) {
      watch = new StackWatch(stack, name)
      watches.set(stack, watch)
    }
    return watch
  }

  /** Tells `connection` what happens until it is closed. */
  tell(connection: Socket): void {
    const watcher: Watcher = { connection, lost: 0, lostCalls: 0, interfaces: '', missed: new Map() }
    connection.once('close', () => this.#leaves(watcher))
    this.#hand()
    if (this.#watchers.size === 0) this.#changes = new ConnectionChanges(this.#stack)
    this.#watchers.add(watcher)
    this.#log.isOn = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#look()
  }

  // For the stack

  passes(
    on: NetworkInterface,
    bytes: Uint8Array,
    start: number,
    end: number,
    offload: Offload,
    inbound: boolean,
  ): void {
    this.#happened = true
    if (this.#isFull) {
      for (const watcher of this.#watchers) watcher.lost++
      return
    }
    this.#on = on.index
    this.#inbound = inbound
    this.#at = now()
    this.#image.show(bytes, start, end, on.device.medium, offload)
    const changes = this.#changes
    // What goes out shows what the stack has become by what came in.
    if (changes !== null && changes.count <= CONNECTIONS_MAX) this.#connections(changes)
    this.#handSoon()
  }

  // For sockets

  #called(text: string, at: number): void {
    this.#happened = true
    if (this.#isFull) {
      for (const watcher of this.#watchers) watcher.lostCalls++
      return
    }
    const stream = writtenStream(this.#stack.endpoint(readCall(text).socket))
    const line = `${JSON.stringify({ tell: 'call', at, until: now(), text, stream } satisfies WatchLine)}\n`
    this.#calls.push(line)
    this.#octets += line.length
    this.#handSoon()
  }

  /** Whether nobody has room for more, or as much waits to be handed over as may: then nothing is computed. */
  get #isFull(): boolean {
    if (this.#octets > WAITING_MAX) return true
    for (const watcher of this.#watchers) if (hasRoom(watcher)) return false
    return true
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('base64')
    // Nothing in it has to be quoted.
    this.#put(`{"tell":"frame","at":${this.#at},"on":${this.#on},"inbound":${this.#inbound},"bytes":"${text}"}\n`)
    this.#frames++
  }

  #connections(changes: ConnectionChanges): void {
    const at = now()
    changes.look(at, {
      change: (change) => {
        const line = { tell: 'change', at, ...change } as const
        this.#line(line)
        this.#changed.push(line)
      },
      sample: (sample, iss) => this.#line({ tell: 'sample', at, sample, iss }),
    })
  }

  // To those who watch

  #line(line: WatchLine): void {
    this.#put(`${JSON.stringify(line)}\n`)
  }

  #put(text: string): void {
    this.#lines.push(text)
    this.#octets += text.length
  }

  #handSoon(): void {
    // The first of a burst sees to it that what has gathered is handed over behind it: not from within the stack.
    if (this.#handing === null) {
      this.#handing = setImmediate(() => this.#hand())
      this.#handing.unref()
    }
  }

  #hand(): void {
    if (this.#handing !== null) clearImmediate(this.#handing)
    this.#handing = null
    if (this.#lines.length + this.#calls.length === 0) return
    const text = this.#calls.join('') + this.#lines.join('')
    for (const watcher of this.#watchers) {
      if (hasRoom(watcher)) {
        catchUp(watcher)
        watcher.connection.write(text)
      } else {
        watcher.lost += this.#frames
        watcher.lostCalls += this.#calls.length
        for (const change of this.#changed) miss(watcher, change)
      }
    }
    this.#forget()
  }

  #forget(): void {
    this.#calls = []
    this.#lines = []
    this.#octets = 0
    this.#frames = 0
    this.#changed = []
  }

  /** How all is, and then again. */
  #look(): void {
    this.#timer = null
    const at = now()
    this.#tap(this)
    const interfaces = listInterfaces(this.#stack)
    const shape = JSON.stringify(interfaces)
    for (const watcher of this.#watchers) {
      if (shape === watcher.interfaces || !hasRoom(watcher)) continue
      watcher.interfaces = shape
      write(watcher, { tell: 'stack', at, pid: process.pid, name: this.#name, interfaces })
    }
    if (this.#happened || at - this.#toldAt >= IDLE_INTERVAL || this.#toldAt === 0) this.#sockets(at)
    this.#hand()
    const interval = Math.max(BUSY_INTERVAL, (now() - at) / SHARE)
    this.#timer = setTimeout(() => this.#look(), interval)
    this.#timer.unref()
  }

  #sockets(at: number): void {
    this.#happened = false
    this.#toldAt = at
    if (this.#changes !== null) this.#connections(this.#changes)
    this.#hand()
    const all = netstat(this.#stack, { pid: process.pid, details: true })
    const sockets = all.slice(0, SOCKETS_MAX)
    const { length } = all
    for (const watcher of this.#watchers) {
      if (!hasRoom(watcher)) continue
      catchUp(watcher)
      const { lost, lostCalls } = watcher
      write(watcher, { tell: 'sockets', at, sockets, more: length - sockets.length, lost, lostCalls })
    }
  }

  #leaves(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size > 0) return
    this.#log.isOn = false
    this.#tap(null)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#changes = null
    this.#forget()
    this.#toldAt = 0
  }

  #tap(tap: FrameTap | null): void {
    for (const networkInterface of this.#stack.interfaces) networkInterface.tap = tap
  }
}

function hasRoom({ connection }: Watcher): boolean {
  return connection.writableLength <= WAITING_MAX
}

function write({ connection }: Watcher, line: WatchLine): void {
  connection.write(`${JSON.stringify(line)}\n`)
}

/** Several changes of a connection become one. Of what comes and goes unseen nothing is kept, however long he does not read. */
function miss({ missed }: Watcher, change: ChangeLine): void {
  const { ends, to } = change
  const from = missed.get(ends)?.from ?? change.from
  if (from === to || (to === 'CLOSED' && from === 'LISTEN')) missed.delete(ends)
  else missed.set(ends, { ...change, from })
}

/** Tells what he has missed, now that there is room. */
function catchUp(watcher: Watcher): void {
  for (const change of watcher.missed.values()) write(watcher, change)
  watcher.missed.clear()
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
