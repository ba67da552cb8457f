// What a page and the thread of its run say to each other.

import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import type { EndAddresses, Halt, InspectedFrame } from './lab-run.ts'
import type { RunEvents } from './run-events.ts'
import type { Scenario, ScenarioAct, TerminalAct } from './scenario.ts'

/** From the page. Numbers of requests come back with their answers: who gives none has 0. */
export type Order =
  | { readonly do: 'load'; readonly scenario: unknown; readonly at?: number; readonly request?: number }
  /** `rate`: milliseconds of the run in a millisecond of the reader's. */
  | { readonly do: 'play'; readonly rate: number }
  | { readonly do: 'pause' }
  | { readonly do: 'step'; readonly by: 'event' | 'frame' | 'trip' }
  | { readonly do: 'seek'; readonly at: number }
  | { readonly do: 'act'; readonly act: ScenarioAct; readonly request?: number }
  /** Something is done at a terminal now. */
  | { readonly do: 'type'; readonly act: TerminalAct; readonly request?: number }
  /** What terminals run, since it was asked for: the text of scripts/lab-commands.mjs; '' where it could not be had. */
  | { readonly do: 'commands'; readonly text: string }
  | { readonly do: 'inspect'; readonly number: number; readonly request: number }
  | { readonly do: 'capture'; readonly request: number }

/** The sockets of each host. */
export type SocketTable = Readonly<Record<string, readonly NetstatEntry[]>>

/** To the page. */
export type Tidings =
  /** The thread is there, and hears what it is asked for. */
  | { readonly tell: 'begun' }
  /** A run begins, or begins anew: what was told before is no more. `request`: of the order that it comes of; 0 where that has none. */
  | {
      readonly tell: 'loaded'
      readonly scenario: Scenario
      readonly addresses: readonly EndAddresses[]
      readonly request: number
    }
  /** An act will be carried out: these are all that the scenario has now. */
  | { readonly tell: 'acted'; readonly acts: readonly ScenarioAct[]; readonly request: number }
  /** What terminals run is wanted, and nothing goes on without it. */
  | { readonly tell: 'wants'; readonly what: 'commands' }
  /** What was asked for cannot be; nothing has changed. */
  | { readonly tell: 'refused'; readonly message: string; readonly request: number }
  | {
      readonly tell: 'news'
      readonly now: number
      readonly playing: boolean
      readonly halt: Halt
      readonly events: RunEvents
      readonly sockets: SocketTable
    }
  | { readonly tell: 'inspected'; readonly request: number; readonly frame: InspectedFrame | null }
  | { readonly tell: 'captured'; readonly request: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A program computes: told now and then, so that one that holds up the thread is known. */
  | { readonly tell: 'busy'; readonly host: string; readonly program: string; readonly line: number }
