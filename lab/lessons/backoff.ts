import type { Lesson, RunView } from './lesson.ts'
import { cable, program } from './places.ts'
import client from './programs/connecting-client.ts?raw'
import server from './programs/upper-server.ts?raw'
import { chosenFrame, dropped, flagsOf, printed } from './seen.ts'

/** SYNs of alice's up to now, or before a frame. */
function syns(view: RunView, before = Number.POSITIVE_INFINITY): number {
  return view.frames.filter((frame) => frame.number < before && flagsOf(frame) === 'S').length
}

export const backoff: Lesson = {
  id: 'lost-syn',
  title: 'A lost SYN, and waits that double',
  about: [
    '[Alice](program:alice/client) connects to [bob](node:bob), and prints how long that took. Nobody tells her when a frame is lost. All that she has is a clock.',
  ],
  scenario: cable('Lost SYN', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: ['Step until alice’s SYN is under way, *drop* it, and run until something comes of it.'],
      guess: {
        ask: 'After what time does she send it again?',
        choices: ['200 ms', '1 s', '3 s'],
        right: 1,
      },
      hint: ['The SYN is frame 3, at 0.08 s. Select it and press *Drop*; then run, or step with *Packet*.'],
      done: (view) => {
        const lost = dropped(view).find((frame) => flagsOf(frame) === 'S')
        return (
          lost !== undefined &&
          view.frames.some(
            ({ number, flow, text }) => number > lost.number && flow === lost.flow && text.includes('Flags [S]'),
          )
        )
      },
      told: [
        'One second after `connect` was called. She has never measured this path, and then a second is what RFC 6298 (section 2.1) sets; texts that say three seconds have it from an older RFC. On a connection that has measured round trips it would be their length and what they vary by, for which at least 200 ms are added.',
      ],
    },
    {
      ask: [
        'Go back to the beginning, and step until the SYN has been lost. Then select [the cable](link:0) and *cut* it. Run until there are four SYNs, and select the fourth.',
      ],
      guess: {
        ask: 'How long are the waits between them?',
        choices: ['1 s, 1 s, 1 s', '1 s, 2 s, 3 s', '1 s, 2 s, 4 s'],
        right: 2,
      },
      hint: [
        'Cut the cable before one second is over: at the beginning there are a few steps of *Packet* until then. The fourth SYN leaves at 7 s; turn up the speed.',
      ],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && flagsOf(frame) === 'S' && syns(view, frame.number) >= 3 && frame.lostAt <= view.now
      },
      told: [
        'At 0, 1, 3 and 7 seconds: each wait is twice the one before (RFC 6298 section 5.5). If the network is full, more of the same would make it fuller. In the end `connect` fails: with ETIMEDOUT after minutes where SYNs vanish on the way, and here, at a cable of alice’s own, with EHOSTUNREACH after 130 s, since ARP finds nobody any more.',
      ],
    },
    {
      ask: ['*Mend* the cable, and run until `connect` has returned.'],
      guess: {
        ask: 'When does it?',
        choices: ['At once', 'When the next SYN is due'],
        right: 1,
      },
      hint: ['[The cable](link:0) has a button *Mend it now*. The next SYN after the fourth is due at 15 s.'],
      done: (view) =>
        view.scenario.acts.some((act) => 'up' in act && act.up && act.at <= view.now) &&
        printed(view, 'alice', 'connected after'),
      told: [
        'Nobody tells TCP that a cable is whole again. The connection is made with the next SYN, up to twice as late as it could have been. Programs that want to be faster give up earlier, and try anew: happy eyeballs (RFC 8305) begins a second attempt after a quarter of a second.',
      ],
    },
  ],
}
