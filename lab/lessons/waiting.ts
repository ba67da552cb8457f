import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import server from './programs/idle-server.ts?raw'
import client from './programs/waiting-client.ts?raw'
import { chosenFrame, flagsOf, printed } from './seen.ts'

export const waiting: Lesson = {
  id: 'nobody-accepts',
  title: 'Nobody calls accept',
  about: [
    '[Bob’s program](program:bob/server) listens, with a backlog of two, and then does nothing: it never calls `accept`. On [alice](node:alice) four clients come, one every 100 ms.',
  ],
  scenario: cable('Nobody accepts', [
    program('bob/server', server),
    ...[1, 2, 3, 4].map((i) => program(`alice/client${i}`, client, i * 100)),
  ]),
  tasks: [
    {
      ask: [
        'Run until the first client prints that it has *sent*, and a moment longer. Then select [bob](node:bob) and look at his sockets.',
      ],
      guess: {
        ask: 'When does connect return to the first client?',
        choices: ['When bob calls accept', 'After a round trip', 'Never'],
        right: 1,
      },
      hint: ['Step with *Packet* until bob’s listing has a row LISTEN with 1 in Recv-Q.'],
      done: (view) =>
        view.selection.kind === 'node' &&
        view.selection.name === 'bob' &&
        printed(view, 'alice', 'sent') &&
        (view.sockets['bob'] ?? []).some(({ state, receiveQueue }) => state === 'LISTEN' && receiveQueue > 0),
      told: [
        'The handshake is the system’s work, not the program’s. The connection is ESTABLISHED and waits to be accepted: Recv-Q of the row LISTEN counts such ones, Send-Q is the backlog (listen(2)); `netstat` in bob’s terminal says the same. It has no descriptor yet, and five octets of “hello” lie in it already.',
        'So that `connect` and `send` have succeeded does not mean that any program has noticed.',
      ],
    },
    {
      ask: ['The queue has room for two, and one more. Run on until something is sent a *second time*, and select it.'],
      guess: {
        ask: 'What does bob answer to the fourth client’s SYN?',
        choices: ['RST: connection refused', 'Nothing', 'SYN-ACK, and the first client is thrown out'],
        right: 1,
      },
      hint: ['Run for two seconds. The fourth client’s SYN, `[S]`, is there twice: the second one is meant.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return (
          frame !== null &&
          flagsOf(frame) === 'S' &&
          view.frames.some(
            ({ number, flow, text }) => number < frame.number && flow === frame.flow && text.includes('Flags [S]'),
          )
        )
      },
      told: [
        'Nothing. Who comes while the queue is full is not refused, but not heard: alice takes it for a loss and asks again after 1 s, 2 s, 4 s. So a server that is busy for a moment loses nobody. “Refused” is said only where nobody listens at all.',
      ],
    },
    {
      ask: [
        'Change [bob’s program](program:bob/server): two seconds after the beginning it calls `accept`, for ever. Run it until the fourth client is connected.',
      ],
      guess: {
        ask: 'When is the fourth client let in?',
        choices: ['At 2 s, when accept is called', 'When its SYN comes again after that'],
        right: 1,
      },
      hint: [
        'At the end of the program: `await new Promise((done) => setTimeout(done, 2000))` and, on a line of its own, `for (;;) await listener.accept()`.',
      ],
      done: (view) =>
        view.calls.some(({ host, text }) => host === 'bob' && /^accept\(3, \{.* = \d+$/.test(text)) &&
        view.output.some(
          ({ host, program, text }) => host === 'alice' && program === 'client4' && text === 'connected',
        ),
      told: [
        'Room in the queue tells nobody anything: the fourth is connected with the next SYN that alice’s timer sends, at 3.4 s. Waits of one, three or seven seconds before a page appears often are just this: somebody’s queue was full.',
      ],
    },
  ],
}
