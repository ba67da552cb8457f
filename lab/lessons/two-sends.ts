import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import server from './programs/one-recv-server.ts?raw'
import client from './programs/two-sends-client.ts?raw'
import { chosenFrame, fromOf, octetsOf, printed } from './seen.ts'

export const twoSends: Lesson = {
  id: 'two-sends',
  title: 'Two sends, one recv',
  about: [
    '[Alice’s program](program:alice/client) calls `send` twice: “hello”, “world”. [Bob’s](program:bob/server) is busy for 300 ms and then calls `recv` until nothing more comes.',
  ],
  scenario: cable('Two sends', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: [
        'Run until bob’s program has printed what `recv` gave. Then select the segment in which “world” travelled.',
      ],
      guess: {
        ask: 'What does bob’s first recv give?',
        choices: ['hello', 'helloworld'],
        right: 1,
      },
      hint: ['Two segments of alice carry 5 octets each: `length 5`. The second one is it; look into its last octets.'],
      done: (view) => {
        const frame = chosenFrame(view)
        if (frame === null || !printed(view, 'bob', '"helloworld"')) return false
        const carrying = view.frames.filter(
          (one) => fromOf(view, one) === 'alice' && one.kind === 'tcp' && octetsOf(one) > 0,
        )
        return carrying[1] === frame
      },
      told: [
        'Two sends, two segments, and one `recv` that gave both. TCP carries a stream of octets; where one `send` ended is written nowhere (RFC 9293 section 3.4 numbers octets, not messages). What `recv` gives is what has come so far, as much as fits.',
        'See when “world” left: 80 ms after “hello”. A small segment waits while another is not yet acknowledged, by Nagle’s rule (RFC 9293 section 3.7.4). TCP_NODELAY turns that off.',
      ],
    },
    {
      ask: ['Now the other way round: make [bob’s buffer](program:bob/server) 4 octets long, and run.'],
      guess: {
        ask: 'What happens to the octets that do not fit?',
        choices: ['They are lost', 'The next recv gives them'],
        right: 1,
      },
      hint: [
        'In bob’s program change `new Uint8Array(100)` to `new Uint8Array(4)`, and press *Run from the beginning*. It prints after half a second.',
      ],
      done: (view) => printed(view, 'bob', '"hell"') && printed(view, 'bob', '"owor"'),
      told: [
        'One send in several pieces, and pieces of two sends in one. Nothing is lost in a stream. (A *datagram* that does not fit would be cut: recv(2), MSG_TRUNC.)',
      ],
    },
    {
      ask: [
        'Each word here has five octets. Have bob receive *exactly five* each time, however they come: with a buffer of five octets, and the flag `MSG_WAITALL` for `recv`.',
      ],
      hint: [
        'Import `MSG_WAITALL` from jackfield as well, make the buffer `new Uint8Array(5)`, and call `connection.recv(buffer, MSG_WAITALL)`.',
      ],
      done: (view) =>
        view.scenario.programs.some(({ host, source }) => host === 'bob' && /recv\(\w+, MSG_WAITALL\)/.test(source)) &&
        printed(view, 'bob', '"hello"') &&
        printed(view, 'bob', '"world"'),
      told: [
        'Now the two programs *agree* on where a word ends: that is a protocol, and without one no two programs can talk over TCP. The common ways are fixed lengths as here, a length in front (as in TLS), or an end mark (a line of HTTP).',
      ],
    },
  ],
}
