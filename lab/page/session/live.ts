// A program that runs elsewhere, watched: `jackfield lab --attach PID` serves what it tells beside the page.

import { signal } from '@preact/signals'
import type { LiveLine } from '../../engine/live-session.ts'
import { live, load, notice, playing, told } from '../state/store.ts'

export const LIVE_MARK = '#live'

/** How often the page is told of what has passed, in milliseconds. */
const INTERVAL = 50
/** Something has happened so lately that it still moves. */
const MOVING = 1000

export type LiveState = 'on' | 'held' | 'ended'
export const liveState = signal<LiveState>('on')
/** Packets and calls that the program did not tell of, since the page was slow. */
export const liveLost = signal(0)

/** The view stands still, or goes on: what has happened meanwhile is shown then. */
export function hold(yes: boolean): void {
  if (liveState.value === 'ended') return
  liveState.value = yes ? 'held' : 'on'
  playing.value = !yes
}

/** Watches the program. Resolves when it has ended. */
export async function openLive(): Promise<void> {
  try {
    const [response, { LiveSession }] = await Promise.all([fetch('./live'), import('../../engine/live-session.ts')])
    if (!response.ok || response.body === null) throw new Error((await response.text()).trim())
    const session = new LiveSession(told)
    live.value = {
      inspect: async (number) => session.inspect(number),
      capture: async () => session.capture(),
    }
    liveState.value = 'on'
    let heardAt = 0
    const tell = () => {
      if (liveState.value === 'held') return
      liveLost.value = session.lost
      session.news(now(), liveState.value === 'on')
    }
    const timer = setInterval(() => {
      if (now() - heardAt < MOVING) tell()
    }, INTERVAL)
    try {
      for await (const line of linesOf(response.body)) {
        session.hear(JSON.parse(line) as LiveLine)
        heardAt = now()
        if (session.isFull) break
      }
    } finally {
      clearInterval(timer)
    }
    liveState.value = 'ended'
    tell()
    notice.value = session.isFull
      ? 'The lab holds as many packets as it may, and watches no more. Load the page again to go on.'
      : 'The program has ended, or shows its stack no more. What it did stays here.'
  } catch (error) {
    liveState.value = 'ended'
    if (live.value === null) load({ version: 1 })
    notice.value = `The program cannot be watched: ${(error as Error).message}`
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } finally {
    void reader.cancel()
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
