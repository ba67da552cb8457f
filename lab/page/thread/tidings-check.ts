// Whether what is told in the engine's place can be shown: a program that has broken out of its scope may tell lies of its run, and must not
// hold up the page by them. Text is text anyhow; it is numbers without an end, and lists that are none, that views would choke on.

import type { Tidings } from '../../engine/messages.ts'
import type { RunEvents } from '../../engine/run-events.ts'
import { EMPTY_SCENARIO, readScenario, type Scenario } from '../../engine/scenario.ts'

type Fields = Readonly<Record<string, unknown>>

/** The fields of what a run tells that are numbers, by the lists of it; all others are texts, or are looked at by themselves. */
const NUMBERS: Readonly<Record<keyof RunEvents, readonly string[]>> = {
  frames: ['number', 'at', 'link', 'end', 'length', 'cause'],
  fates: ['number'],
  calls: ['at'],
  output: ['at', 'line'],
  states: ['at'],
  samples: [
    ...[
      'at',
      'sndUna',
      'sndNxt',
      'sndWnd',
      'rcvNxt',
      'rcvWnd',
      'cwnd',
      'ssthresh',
      'mss',
      'pipe',
      'srtt',
      'rttvar',
      'rto',
      'rtt',
    ],
    ...['rttAt', 'written', 'readable', 'sendBuffer', 'receiveBuffer'],
  ],
  segments: ['at', 'seq', 'end', 'frame'],
}

const TEXTS: Readonly<Record<keyof RunEvents, readonly string[]>> = {
  frames: ['kind', 'text', 'flow'],
  fates: ['fate'],
  calls: ['host', 'program', 'text'],
  output: ['host', 'program', 'kind', 'text'],
  states: ['host', 'ends', 'from', 'to'],
  samples: ['host', 'ends', 'recovery'],
  segments: ['host', 'ends', 'kind'],
}

const LISTS = Object.keys(NUMBERS) as (keyof RunEvents)[]

/** Looks at all that one thread tells, in order. */
export class TidingsCheck {
  #scenario: Scenario = EMPTY_SCENARIO
  /** Frames of this run so far. */
  #frames = 0

  /** Whether it can be shown. */
  isSound(tidings: Tidings): boolean {
    try {
      return this.#isSound(tidings)
    } catch {
      // A scenario that cannot be, or a list that is none.
      return false
    }
  }

  #isSound(tidings: Tidings): boolean {
    if ('request' in tidings && !Number.isSafeInteger(tidings.request)) return false
    switch (tidings.tell) {
      case 'loaded':
        this.#frames = 0
        this.#scenario = readScenario(tidings.scenario)
        return tidings.addresses.every((end) => areNumbers(end, ['link', 'end']) && areTexts(end.addresses))
      case 'acted':
        readScenario({ ...this.#scenario, acts: tidings.acts })
        return true
      case 'news':
        return Number.isFinite(tidings.now) && this.#areEvents(tidings.events) && areSockets(tidings.sockets)
      case 'busy':
        return Number.isFinite(tidings.line) && areTexts([tidings.host, tidings.program])
      case 'refused':
        return typeof tidings.message === 'string'
      case 'inspected':
        return tidings.frame === null || tidings.frame.layers.every(({ fields }) => Array.isArray(fields))
      case 'captured':
        return tidings.bytes instanceof Uint8Array
      default:
        return tidings.tell === 'begun' || tidings.tell === 'wants'
    }
  }

  #areEvents(events: RunEvents): boolean {
    for (const list of LISTS) {
      const [numbers, texts] = [NUMBERS[list], TEXTS[list]]
      // Of what is no list there is nothing to go through: that throws.
      for (const event of events[list] as readonly object[]) {
        if (!areNumbers(event, numbers)) return false
        for (const key of texts) if (typeof (event as Fields)[key] !== 'string') return false
      }
      if (!Array.isArray(events[list])) return false
    }
    // They stand in a list by their numbers.
    for (const { number } of events.frames) if (number !== ++this.#frames) return false
    for (const fate of events.fates) {
      if ('at' in fate ? !Number.isFinite(fate.at) : Number.isNaN(fate.leftAt + fate.dueAt)) return false
      if ('why' in fate && typeof fate.why !== 'string') return false
    }
    for (const { sacked, ahead, timers } of events.samples) {
      if (!sacked.every(Number.isFinite) || !ahead.every(Number.isFinite)) return false
      if (!timers.every((timer) => areNumbers(timer, ['at']) && typeof timer.kind === 'string')) return false
    }
    return true
  }
}

function areNumbers(value: object, keys: readonly string[]): boolean {
  for (const key of keys) if (!Number.isFinite((value as Fields)[key])) return false
  return true
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}

function areSockets(table: Extract<Tidings, { tell: 'news' }>['sockets']): boolean {
  return Object.values(table).every((entries) =>
    entries.every(
      (entry) =>
        areTexts([entry.protocol, entry.localAddress, entry.peerAddress, entry.state]) &&
        areNumbers(entry, ['localPort', 'peerPort', 'receiveQueue', 'sendQueue']) &&
        entry.timers.every((timer) => areNumbers(timer, ['left', 'retries'])),
    ),
  )
}
