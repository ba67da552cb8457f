import type { Lesson, RunView } from './lesson.ts'
import { cable, program } from './places.ts'
import client from './programs/eager-client.ts?raw'
import server from './programs/slow-reader.ts?raw'
import { chosenFrame, dropped, flagsOf, fromOf, octetsOf, printed, windowOf } from './seen.ts'

function firstZero(view: RunView) {
  return view.frames.find(
    (frame) => fromOf(view, frame) === 'bob' && windowOf(frame) === 0 && !flagsOf(frame).includes('R'),
  )
}

export const slowReader: Lesson = {
  id: 'slow-reader',
  title: 'A reader that is slow',
  about: [
    '[Alice](program:alice/client) sends 40,000 octets. [Bob](program:bob/server) has a small buffer, 8192 octets (SO_RCVBUF), and does not read for three seconds. Nothing is lost on this cable: what keeps alice from flooding him?',
  ],
  scenario: cable('Slow reader', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: [
        'Watch the windows that bob offers, `win` in his segments. Select the segment in which there is nothing left.',
      ],
      hint: ['Filter the list by `win 0`, or step until 0.4 s. It is a segment from bob: `win 0`.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && fromOf(view, frame) === 'bob' && windowOf(frame) === 0 && !flagsOf(frame).includes('R')
      },
      told: [
        'Each segment says how many more octets its sender has room for: 7240, 2896, 0. That is flow control (RFC 9293 section 3.8.6). Alice’s `send` had returned long before she was rid of all: it only means that the octets lie in *her* system’s buffer. The view *Plots* draws the window beside what is sent.',
        'Alice has called `close` as well: she is in FIN-WAIT-1 while data is still queued, and the FIN goes behind them (RFC 9293 section 3.10.4).',
      ],
    },
    {
      ask: ['Run on until 3 s. Alice may not send data now. Select what she sends all the same.'],
      guess: {
        ask: 'What does alice send while the window is closed?',
        choices: ['Nothing at all', 'Now and then a segment that asks', 'All the data again'],
        right: 1,
      },
      hint: ['The first one leaves alice at 0.8 s, without data; bob answers at once, with the window as it is.'],
      done: (view) => {
        const frame = chosenFrame(view)
        const zero = firstZero(view)
        return (
          frame !== null &&
          zero !== undefined &&
          frame.number > zero.number &&
          fromOf(view, frame) === 'alice' &&
          flagsOf(frame) === '.' &&
          octetsOf(frame) === 0 &&
          windowOf(view.frames[frame.number] ?? frame) === 0
        )
      },
      told: [
        'A *window probe*: a segment that is old on purpose, so that bob has to answer (RFC 9293 section 3.8.6.1). A timer sends it, “persist” in the listing of [alice](node:alice)’s sockets, and waits twice as long each time.',
      ],
    },
    {
      ask: [
        'At 3.2 s bob reads, and tells that there is room: `win 8688`. *Drop* that segment, and run until bob’s program has everything.',
      ],
      guess: {
        ask: 'And if just this segment is lost?',
        choices: ['Both wait for ever', 'Bob sends it again after a time-out', 'Alice’s next probe finds it out'],
        right: 2,
      },
      hint: ['It is the first segment from bob whose window is not 0 any more. Run until 6 s.'],
      done: (view) => {
        const zero = firstZero(view)
        if (zero === undefined) return false
        const update = dropped(view).some(
          (frame) =>
            frame.number > zero.number && fromOf(view, frame) === 'bob' && windowOf(frame) > 0 && octetsOf(frame) === 0,
        )
        return update && printed(view, 'bob', 'received 40000 octets')
      },
      told: [
        'Acknowledgements without data are not acknowledged, and so never sent again. Without the probes alice would wait for bob’s word and bob for alice’s data, for ever. It cost 0.6 s this time; with longer silence it may be minutes, since the waits double.',
      ],
    },
  ],
}
