import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import client from './programs/greeted-client.ts?raw'
import server from './programs/greeting-server.ts?raw'
import { dropped, flagsOf, fromOf, octetsOf, printed, reversed, stateOf } from './seen.ts'

export const closing: Lesson = {
  id: 'time-wait',
  title: 'Close, and TIME-WAIT',
  about: [
    '[Bob’s program](program:bob/server) greets whoever comes, and closes. [Alice’s](program:alice/client) reads to the end, and closes too. Five seconds later bob’s program begins again, like a server after an update.',
  ],
  scenario: cable('TIME-WAIT', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: [
        'Run until both have closed, and find the host on which a socket is left: in the state TIME-WAIT. Select that socket in the listing of its host.',
      ],
      guess: {
        ask: 'Who waits?',
        choices: ['The client', 'Whoever closed first', 'Both'],
        right: 1,
      },
      hint: ['Run for half a second. Select [bob](node:bob), and press what stands in the column *Peer*.'],
      done: (view) =>
        view.selection.kind === 'flow' &&
        [view.selection.ends, reversed(view.selection.ends)].some((ends) => stateOf(view, 'bob', ends) === 'TIME-WAIT'),
      told: [
        'Whoever closes first waits (RFC 9293 section 3.6): here that is the server. No program holds the socket any more, it has no descriptor; a timer does, for twice the longest time that a segment may live. RFC 9293 takes 2 minutes for that life, Linux and this stack 30 s: TIME-WAIT is 60 s. The view *States* draws the way there.',
      ],
    },
    {
      ask: ['What does it wait for? *Drop* the last segment of all, bob’s ACK of alice’s FIN, and let the run go on.'],
      guess: {
        ask: 'What does alice do?',
        choices: ['Nothing, she has closed', 'She sends her FIN again', 'She sends RST'],
        right: 1,
      },
      hint: ['It is frame 9: `[.]` from bob. Alice’s timer takes less than a second.'],
      done: (view) => {
        const lost = dropped(view).find(
          (frame) =>
            fromOf(view, frame) === 'bob' && flagsOf(frame) === '.' && octetsOf(frame) === 0 && frame.number > 5,
        )
        return (
          lost !== undefined &&
          view.states.some(({ host, to, at }) => host === 'alice' && to === 'CLOSED' && at > lost.at + 80)
        )
      },
      told: [
        'Alice, in LAST-ACK, sent her FIN again, and bob acknowledged it again: *that* he can only do because he still knows of the connection. Its other purpose is that old segments die out before the same ports may be a new connection.',
      ],
    },
    {
      ask: [
        'Run on: at 5.2 s bob’s server begins again, and fails. Read why, and mend [the program](program:bob/server) by one word; then let it run until it listens a second time.',
      ],
      hint: [
        'In the line that begins with `const again` make `reuseAddress` true: then it sets SO_REUSEADDR before `bind`.',
      ],
      done: (view) => printed(view, 'bob', 'listening, start 2'),
      told: [
        'EADDRINUSE, because of a connection in TIME-WAIT at that port. SO_REUSEADDR (socket(7)) lets `bind` take it all the same; connections are told apart by both their ends, so nothing can be mixed up. Every server sets it.',
        'It does not share a port that another socket is listening at: for that there is SO_REUSEPORT.',
      ],
    },
  ],
}
