import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import client from './programs/counting-client.ts?raw'
import server from './programs/counting-server.ts?raw'
import { chosenFrame, flagsOf, fromOf, octetsOf, reversed, stateOf } from './seen.ts'

export const halfClose: Lesson = {
  id: 'half-close',
  title: 'Half a close',
  about: [
    '[Alice](program:alice/client) sends three words and calls `shutdown(SHUT_WR)`: no more will come from her. [Bob](program:bob/server) counts octets until that end, thinks, and answers in three parts.',
  ],
  scenario: cable('Half-close', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: [
        'Run until bob’s program prints that the client has come to its end. At that moment select the connection among the sockets of [bob](node:bob).',
      ],
      guess: {
        ask: 'Which state will it be in?',
        choices: ['CLOSED', 'CLOSE-WAIT', 'ESTABLISHED'],
        right: 1,
      },
      hint: ['It does so at 0.2 s: step with *Packet* until then. If you have gone too far, go back on the time line.'],
      done: (view) =>
        view.selection.kind === 'flow' &&
        [view.selection.ends, reversed(view.selection.ends)].some(
          (ends) => stateOf(view, 'bob', ends) === 'CLOSE-WAIT',
        ),
      told: [
        'CLOSE-WAIT: the other has closed, and the system waits for *this program* to do so too. A connection that stays in this state shows a program that forgot `close`. What bob read there was a `recv` of length 0: the end of the stream.',
      ],
    },
    {
      ask: ['Select a segment with data that bob sent *after* alice’s FIN.'],
      hint: ['Run until 0.9 s. Bob’s parts leave at 0.4 s, 0.6 s and 0.8 s.'],
      done: (view) => {
        const frame = chosenFrame(view)
        if (frame === null || fromOf(view, frame) !== 'bob' || octetsOf(frame) === 0) return false
        return view.frames.some(
          (one) => one.number < frame.number && flagsOf(one).includes('F') && fromOf(view, one) === 'alice',
        )
      },
      told: [
        'A connection is two streams, and each is closed by itself: FIN says “no more from me”, not “no more for me” (RFC 9293 section 3.6, shutdown(2)). Alice is in FIN-WAIT-2, and acknowledges what comes.',
      ],
    },
    {
      ask: [
        'Now have [alice](program:alice/client) call `close` in place of `shutdown`, and run. Select the segment that her host answers to bob’s first part.',
      ],
      guess: {
        ask: 'What does alice’s host do with the answer?',
        choices: ['It keeps it for the program', 'It drops it silently', 'It answers RST'],
        right: 2,
      },
      hint: ['Change `socket.shutdown(SHUT_WR)` to `await socket.close()`. The segment has `[R]`.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && flagsOf(frame).includes('R') && fromOf(view, frame) === 'alice'
      },
      told: [
        '`close` gives up both directions: nobody is there who could read, and saying so by RST is what RFC 9293 section 3.6.1 asks for. Bob’s next `send` fails with EPIPE, and alice’s own `recv` with EBADF: the descriptor is gone.',
        'So: who still wants an answer calls `shutdown`.',
      ],
    },
  ],
}
