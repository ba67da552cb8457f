// What a program finds in its scope. Time, chance and its terminal are those of its host; what leads out of the lab is not there.

import type { VirtualGlobals } from '../../src/sim/virtual-time.ts'
import { format } from './inspect.ts'

/** Names that mean nothing to a program: whatever would reach another thread, another host, or the page. */
const HIDDEN = [
  'self',
  'window',
  'global',
  'process',
  'require',
  'postMessage',
  'close',
  'onmessage',
  'addEventListener',
  'importScripts',
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'WebTransport',
  'EventSource',
  'Worker',
  'SharedWorker',
  'BroadcastChannel',
  'MessageChannel',
  'navigator',
  'location',
  'indexedDB',
  'caches',
  'Function',
  'WeakRef',
  'FinalizationRegistry',
  'Atomics',
  'SharedArrayBuffer',
  'requestAnimationFrame',
  // What would tell of the machine's clock and place, or be done in its time.
  'Intl',
  'Blob',
  'CompressionStream',
  'DecompressionStream',
  'WebAssembly',
] as const

/** What console gives: each method a kind of line. */
export interface ProgramConsole {
  log(...values: readonly unknown[]): void
  info(...values: readonly unknown[]): void
  debug(...values: readonly unknown[]): void
  warn(...values: readonly unknown[]): void
  error(...values: readonly unknown[]): void
}

/** The scope of a program: names and what they stand for. */
export function programGlobals(
  globals: VirtualGlobals,
  print: (kind: 'out' | 'error', text: string) => void,
): Readonly<Record<string, unknown>> {
  const out = (...values: readonly unknown[]) => print('out', format(values))
  const error = (...values: readonly unknown[]) => print('error', format(values))
  const console: ProgramConsole = { log: out, info: out, debug: out, warn: error, error }
  const hidden = Object.fromEntries(HIDDEN.map((name) => [name, undefined]))
  const scope: Record<string, unknown> = { ...hidden, ...globals, console }
  // The object that a script finds by this name has what programs may have, and nothing of the page.
  scope['globalThis'] = Object.freeze({ ...globals, console })
  return scope
}
