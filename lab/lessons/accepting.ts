import type { Lesson } from './lesson.ts'
import { office, program } from './places.ts'
import server from './programs/accepting-server.ts?raw'
import client from './programs/talking-client.ts?raw'
import { chosenFrame, octetsOf, stateOf, toOf } from './seen.ts'

export const accepting: Lesson = {
  id: 'accept',
  title: 'Accept gives a new socket, and the port stays',
  about: [
    '[Alice](node:alice) and [carol](node:carol) both connect to port 12000 of [bob](node:bob). [His program](program:bob/server) listens with one socket, and calls `accept` twice.',
    'How many sockets has bob then, and at which ports?',
  ],
  scenario: office(
    'Accept',
    ['alice', 'bob', 'carol'],
    [program('bob/server', server), program('alice/client', client), program('carol/client', client)],
  ),
  tasks: [
    {
      ask: [
        'Run until bob’s program prints that both are here. Then select [bob](node:bob), and among his sockets the connection with alice, 10.0.0.1: press what stands in the column *Peer*.',
      ],
      guess: {
        ask: 'At which port of bob is the socket that accept has given?',
        choices: ['12000, like the one that listens', 'A new one, which the server has given out'],
        right: 0,
      },
      hint: ['Each step with *Packet* or *Round trip* takes you further; both are here after 0.1 s.'],
      done: (view) => {
        const { selection } = view
        if (selection.kind !== 'flow') return false
        const [a = '', b = ''] = selection.ends.split(' ')
        const [own, peer] = a === '10.0.0.2:12000' ? [a, b] : [b, a]
        return (
          own === '10.0.0.2:12000' &&
          peer.startsWith('10.0.0.1:') &&
          stateOf(view, 'bob', `${own} ${peer}`) === 'ESTABLISHED'
        )
      },
      told: [
        'Three sockets, and all of them at port 12000. `accept` made new sockets with descriptors of their own, and no new port (accept(2)). Both ends go on with the port that the client has called, to the end of the connection.',
        'That a server hands its client over to another port is told in many courses. It is not so.',
      ],
    },
    {
      ask: [
        'Two connections at one port: how does bob know whose a segment is? Select one with data of carol’s that has come to bob.',
      ],
      hint: [
        'Carol is 10.0.0.3. Each frame is listed twice, once on each cable: take one on the way from the switch to bob.',
      ],
      done: (view) => {
        const frame = chosenFrame(view)
        return (
          frame?.flow.startsWith('10.0.0.3:') === true &&
          octetsOf(frame) > 0 &&
          toOf(view, frame) === 'bob' &&
          frame.arrivedAt <= view.now
        )
      },
      told: [
        'By both ends of it: 10.0.0.3 and her port, 10.0.0.2 and 12000. This *socket pair* names a connection (RFC 9293 section 3.4), and no two have the same. One port is enough for as many clients as there is memory.',
      ],
    },
    {
      ask: [
        'Change [the program of bob](program:bob/server) so that it *closes the listening socket* when both are here, and run it. Do the conversations go on?',
      ],
      guess: {
        ask: 'And with the listening socket closed?',
        choices: ['Both conversations end', 'Both go on'],
        right: 1,
      },
      hint: [
        'Put `await listener.close()` at the end of the program, press *Run from the beginning*, and let it run for a second.',
      ],
      done: (view) => {
        const closed = view.calls.find(({ host, text }) => host === 'bob' && text.startsWith('close(3)'))
        return (
          closed !== undefined &&
          view.output.some(({ host, kind, at }) => host === 'alice' && kind === 'out' && at > closed.at + 300)
        )
      },
      told: [
        'They go on. The listening socket is in no conversation, it only has connections made; what it has given does not depend on it (listen(2)). A third client would be refused now: its SYN is answered by RST.',
      ],
    },
  ],
}
