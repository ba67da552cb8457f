import type { Lesson } from './lesson.ts'
import { office, program } from './places.ts'
import names from './programs/name-server.ts?raw'
import client from './programs/named-client.ts?raw'
import web from './programs/web-server.ts?raw'
import { chosenFrame, dropped } from './seen.ts'

export const namesFirst: Lesson = {
  id: 'names',
  title: 'A name, and then a connection',
  about: [
    '[Alice](program:alice/client) wants a page of www.example. TCP knows no names: it wants an address, 32 bits. So she asks [a name server](program:names/server) first, 10.0.0.2. There are two web servers, [www](node:www) and [old](node:old).',
  ],
  scenario: office(
    'Names',
    ['alice', 'names', 'www', 'old'],
    [
      program('names/server', names),
      program('www/server', web),
      program('old/server', web),
      program('alice/client', client),
    ],
  ),
  tasks: [
    {
      ask: ['Run until alice has her page. Then select the datagram in which the address of www.example came to her.'],
      guess: {
        ask: 'Which protocol carries the question?',
        choices: ['TCP', 'UDP', 'ICMP'],
        right: 1,
      },
      hint: ['It comes from port 53 of 10.0.0.2: filter the list by `udp`.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return (
          frame !== null &&
          frame.kind === 'udp' &&
          frame.flow.startsWith('10.0.0.2:53 ') &&
          view.states.some(({ host, to }) => host === 'alice' && to === 'ESTABLISHED')
        )
      },
      told: [
        'One datagram to port 53, and one back (RFC 1035 section 4.2.1). Look at its last four octets: 0a 00 00 03. Only then did alice open a socket of TCP. A page costs a round trip for its name, one for the handshake, one for the request.',
      ],
    },
    {
      ask: ['*Drop* that answer, on either cable, and run until alice is connected all the same.'],
      guess: {
        ask: 'Who sees to it that the answer comes after all?',
        choices: ['UDP', 'The name server', 'The client: it asks again'],
        right: 2,
      },
      hint: ['Select the answer and press *Drop*; alice’s program waits a second.'],
      done: (view) => {
        const lost = dropped(view).find(({ flow }) => flow.startsWith('10.0.0.2:53 '))
        return (
          lost !== undefined &&
          view.states.some(({ host, to, at }) => host === 'alice' && to === 'ESTABLISHED' && at > lost.at + 500)
        )
      },
      told: [
        'Who uses UDP has its own timer: here a second, in the resolver of the C library five (resolv.conf(5)). A page that takes five seconds longer to appear, now and then, has mostly lost a datagram of DNS.',
      ],
    },
    {
      ask: [
        'Have www.example be the other server, 10.0.0.4: change [the name server’s program](program:names/server), and run until alice is connected to it.',
      ],
      guess: {
        ask: 'What has to be changed at alice?',
        choices: ['Nothing', 'The address in her program'],
        right: 0,
      },
      hint: ['In `ADDRESSES`, give www.example the address 10.0.0.4, and press *Run from the beginning*.'],
      done: (view) =>
        view.states.some(
          ({ host, ends, to }) => host === 'alice' && to === 'ESTABLISHED' && ends.endsWith(' 10.0.0.4:80'),
        ),
      told: [
        'A name is another way to say where, and it can be changed. The answer says how long it may be kept, 60 s here (TTL). In the segments there are addresses only: that www.example was meant stands in the *request*, “Host:” (RFC 9112 section 3.2), for servers that have many names.',
      ],
    },
  ],
}
