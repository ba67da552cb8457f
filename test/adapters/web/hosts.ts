// The systems that the web's face is proven on: what is said of sockets holds whoever provides them.

import { afterEach, beforeEach, expect } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../../src/base/constants.ts'
import { os } from '../../../src/os/index.ts'
import { Stack } from '../../../src/platform/stack.ts'
import type { Endpoint, Provider } from '../../../src/socket/provider.ts'
import { Socket } from '../../../src/socket/socket.ts'

export const PROVIDERS: readonly (readonly [string, () => Provider])[] = [
  ['os', () => os],
  ['userspace', () => new Stack()],
]

/** A listener on 127.0.0.1, and "127.0.0.1:port" of it. */
export function listen(provider: Provider, family = AF_INET, address = '127.0.0.1'): [Socket, string] {
  const listener = new Socket(provider, family, SOCK_STREAM)
  listener.bind({ address, port: 0 })
  listener.listen()
  return [listener, listener.getsockname().toString()]
}

/** The same provider, and the value that the last socket made by it has of an option: an int. */
export function watched(provider: Provider): [Provider, (level: number, name: number) => number] {
  let last: Endpoint | null = null
  const socket = (family: number, type: number, protocol: number) => {
    const made = provider.socket(family, type, protocol)
    if (typeof made !== 'number') last = made
    return made
  }
  const value = new Uint8Array(4)
  return [
    Object.create(provider, { socket: { value: socket } }),
    (level, name) => {
      last?.getOption(level, name, value)
      return value[0] as number
    },
  ]
}

export const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
export const bytes = (written: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(written)

/** What a socket of ours receives next, as text. */
export async function received(socket: Socket): Promise<string> {
  const into = new Uint8Array(65536)
  return text(into.subarray(0, await socket.recv(into)))
}

/** Whether a promise is settled after all that needs no time. */
export async function settled(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  let state: 'pending' | 'fulfilled' | 'rejected' = 'pending'
  promise.then(
    () => {
      state = 'fulfilled'
    },
    () => {
      state = 'rejected'
    },
  )
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  return state
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it was fulfilled')
}

/** Every test of the file must leave no rejection that nobody looks at. */
export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  beforeEach(() => void process.on('unhandledRejection', note))
  afterEach(async () => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
  })
}
