// The differential harness. A program is a small function that uses node:net or node:dgram and logs what it sees; it runs on Node's own
// module and on ours, over the operating system and over a stack, and the logs must be equal, in order.
//
//   export const programs: Programs = {
//     'bind: the callback hears listening': async ({ dgram, log, heard }) => {
//       const socket = dgram.createSocket('udp4')
//       heard(socket, 'listening', 'close')          // logs each event with its arguments
//       socket.bind(0, () => { log('callback', socket.address()); socket.close() })
//       await once(socket, 'close')
//     },
//   }
//   differential('bind', programs, { dgram: dgramFor }) // in a .test.ts: one test for each program
//
// A program is over when its promise is; some turns of the loop later the log is closed, and by then it has closed what it opened.
// Where a module is not given, programs get Node's own. What a log shows of values is made comparable (`plain`): ports that the system
// chose are numbered in the order in which they turn up, errors are their fields, octets are text. What escapes into the event loop (an
// 'error' that nobody hears, a listener that throws) is logged as 'uncaught' or 'unhandled', and a process warning as 'warning'.

import nodeDgram from 'node:dgram'
import type { EventEmitter } from 'node:events'
import nodeNet from 'node:net'
import { describe, expect, it } from 'vitest'
import { openLoopback } from '../../src/drop-in/open-loopback.ts'
import { OperatingSystem } from '../../src/os/operating-system.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { PlainLog } from './plain-log.ts'

type Net = typeof nodeNet
type Dgram = typeof nodeDgram

export interface Bench {
  readonly net: Net
  readonly dgram: Dgram
  /** On whose sockets: for what a stack cannot have (files, names of the machine's interfaces). Logs are equal all the same. */
  readonly on: 'node' | 'os' | 'userspace'
  log(what: string, ...values: unknown[]): void
  /** Logs every event of these names from now on, with its arguments. */
  heard(emitter: EventEmitter, ...events: string[]): void
  /** What a call throws is logged, or what it returns. */
  attempt(what: string, call: () => unknown): void
  /** Ports that come from now on are others: what had the ones before is closed, and the system may choose these again. */
  forgetPorts(): void
  /** Some whole turns of the event loop: for what happens or does not. */
  turns(count?: number): Promise<void>
}

export type Program = (bench: Bench) => unknown
export type Programs = Readonly<Record<string, Program>>

export interface Modules {
  readonly net?: (provider: Provider) => unknown
  readonly dgram?: (provider: Provider) => unknown
}

/** A test for each program, within `describe(subject)`. On the stack nothing may be left open. */
export function differential(subject: string, programs: Programs, modules: Modules): void {
  compare(subject, programs, modules, true)
}

/** The same for what this Node has not itself: ours over the operating system is compared with ours over a stack. */
export function nodeFree(subject: string, programs: Programs, modules: Modules): void {
  compare(subject, programs, modules, false)
}

function compare(subject: string, programs: Programs, modules: Modules, withNode: boolean): void {
  describe(subject, () => {
    const os = new OperatingSystem()
    const stack = openLoopback()
    const ours = (provider: Provider): { net: Net; dgram: Dgram } => ({
      net: (modules.net?.(provider) ?? nodeNet) as Net,
      dgram: (modules.dgram?.(provider) ?? nodeDgram) as Dgram,
    })
    const overOs = ours(os)
    const overStack = ours(stack)
    for (const [name, program] of Object.entries(programs)) {
      it(name, async () => {
        const onOs = await run(program, overOs, 'os')
        const expected = withNode ? await run(program, { net: nodeNet, dgram: nodeDgram }, 'node') : onOs
        expect(onOs, 'over the operating system').toEqual(expected)
        const onStack = await run(program, overStack, 'userspace')
        expect(onStack, 'over a stack').toEqual(expected)
        expect(stack.descriptors.size, 'left open on the stack').toBe(0)
      })
    }
  })
}

async function run(program: Program, modules: { net: Net; dgram: Dgram }, on: Bench['on']): Promise<string[]> {
  const log = new PlainLog()
  const escaped = (kind: string) => (error: unknown) => log.add(kind, error)
  const release = takeOver({
    uncaughtException: escaped('uncaught'),
    unhandledRejection: escaped('unhandled'),
    warning: escaped('warning'),
  })
  try {
    await program({
      ...modules,
      on,
      log: (what, ...values) => log.add(what, ...values),
      heard: (emitter, ...events) => {
        for (const event of events) emitter.on(event, (...values: unknown[]) => log.add(event, ...values))
      },
      attempt: (what, call) => {
        try {
          log.add(what, call())
        } catch (error) {
          log.add(`${what} throws`, error)
        }
      },
      forgetPorts: () => log.forgetPorts(),
      turns,
    })
    await turns(5)
    return log.lines
  } finally {
    release()
  }
}

/** Puts these listeners in the place of all that the process has (the test runner's). Returns what puts those back. */
function takeOver(listeners: Readonly<Record<string, (value: unknown) => void>>): () => void {
  const before = Object.keys(listeners).map((event) => [event, process.rawListeners(event as 'exit')] as const)
  for (const [event, listener] of Object.entries(listeners)) {
    process.removeAllListeners(event)
    process.on(event as 'exit', listener as never)
  }
  return () => {
    for (const [event, all] of before) {
      process.removeAllListeners(event)
      for (const listener of all) process.on(event as 'exit', listener as never)
    }
  }
}

/** A turn has run all timers that are due, has polled, and has run all immediates. */
async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
