import type { Frame } from '../page/state/store.ts'
import type { Lesson, RunView } from './lesson.ts'
import { cable, program } from './places.ts'
import server from './programs/burst-server.ts?raw'
import client from './programs/receiving-client.ts?raw'
import { dropped, fromOf, octetsOf } from './seen.ts'

/** "seq 100:200": which octets a segment carries; '' where it carries none. */
function octetsAt(frame: Frame): string {
  return / seq (\d+:\d+)/.exec(frame.text)?.[1] ?? ''
}

/** How often bob has sent these octets. */
function sent(view: RunView, octets: string): readonly Frame[] {
  return view.frames.filter(
    (frame) => fromOf(view, frame) === 'bob' && octetsOf(frame) > 0 && octetsAt(frame) === octets,
  )
}

/** The segments of bob's that were dropped, without those that repeat one. */
function holes(view: RunView): readonly string[] {
  return [
    ...new Set(
      dropped(view)
        .filter((frame) => fromOf(view, frame) === 'bob')
        .map(octetsAt),
    ),
  ].filter((one) => one !== '')
}

/** What bob has sent first, ten segments, in their order. */
function burst(view: RunView): readonly string[] {
  return [...new Set(view.frames.filter((frame) => fromOf(view, frame) === 'bob').map(octetsAt))].filter(
    (one) => one !== '',
  )
}

export const recovery: Lesson = {
  id: 'fast-retransmit',
  title: 'Sent again: fast, or after a time-out',
  about: [
    '[Bob](program:bob/server) sends ten full segments in one go to [alice](program:alice/client). A round trip takes 80 ms. What happens to a lost one depends on what comes *after* it.',
  ],
  scenario: cable('Fast retransmit', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: ['*Drop* one segment out of the middle, the fifth for example, and run until it has been sent again.'],
      guess: {
        ask: 'How long does bob take to send it again?',
        choices: ['About a round trip', '280 ms, his time-out', 'A second'],
        right: 0,
      },
      hint: ['The ten leave bob at 0.2 s. Select one that others follow, and press *Drop*.'],
      done: (view) => {
        const all = burst(view)
        return holes(view).some((octets) => {
          const times = sent(view, octets)
          return (
            all.indexOf(octets) < all.length - 3 && times.length > 1 && (times[1]?.at ?? 0) - (times[0]?.at ?? 0) < 200
          )
        })
      },
      told: [
        'Alice acknowledges what came before the hole, and says which octets came behind it: `sack` in the list (RFC 2018). That is enough for bob; he need not wait for his clock. Books speak of *three duplicate acknowledgements* (RFC 5681 section 3.2): that is the rule where there is no SACK. Here, as in Linux, it is time that decides: what was sent later has arrived, so the earlier one is lost (RACK, RFC 8985).',
      ],
    },
    {
      ask: ['Begin again, and *drop the last two* of the ten. Nothing comes behind them that could tell.'],
      guess: {
        ask: 'What does bob do?',
        choices: ['He waits for his time-out', 'He sends the last one again, sooner, to hear something'],
        right: 1,
      },
      hint: ['*Begin again* is at the head of this lesson. The last two are frames 14 and 15; run until 0.6 s.'],
      done: (view) => {
        const all = burst(view)
        const lost = holes(view)
        const last = all.slice(-2)
        return (
          all.length === 10 &&
          lost.length === 2 &&
          last.every((octets) => lost.includes(octets) && sent(view, octets).length > 1) &&
          !view.samples.some(({ host, recovery: state }) => host === 'bob' && state === 'loss')
        )
      },
      told: [
        'A *tail loss probe* (RFC 8985 section 7): after two round trips without a word he sends the last segment once more. Alice’s SACK for it shows the hole in front, and that is filled at once. In older texts a lost tail always costs a time-out.',
      ],
    },
    {
      ask: ['*Drop the probe* as well, the last segment when it comes again, and run until bob’s time-out.'],
      guess: {
        ask: 'What does a time-out do to the window of congestion control, cwnd?',
        choices: ['Nothing', 'It is halved', 'It is one segment'],
        right: 2,
      },
      hint: [
        'The probe is the next frame with data after the ten. Then select the connection of any segment: cwnd and “recovery” stand there for each end.',
      ],
      done: (view) =>
        dropped(view).filter((frame) => fromOf(view, frame) === 'bob').length >= 3 &&
        view.samples.some(({ host, recovery: state }) => host === 'bob' && state === 'loss'),
      told: [
        'Now all is silent, and silence means a network that takes nothing: cwnd falls to one segment, and bob begins with slow start (RFC 5681 section 3.1); the next wait is twice as long. After a fast retransmit the window only shrinks: to seven tenths with CUBIC (RFC 9438), which is what runs here, to one half with Reno, which is in the books. The view *Plots* has all of it, once you have selected a segment.',
      ],
    },
  ],
}
