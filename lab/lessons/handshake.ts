import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import client from './programs/handshake-client.ts?raw'
import server from './programs/upper-server.ts?raw'
import { chosenFrame, dropped, flagsOf, fromOf, printed } from './seen.ts'

export const handshake: Lesson = {
  id: 'handshake',
  title: 'Three segments before the first word',
  about: [
    '`socket()` sends nothing: it makes a socket, and that is all. A connection is made by `connect()`, and [the program on alice](program:alice/client) calls it at once, for port 12000 of [bob](node:bob).',
    'Watch what it takes until both know that the other is there.',
  ],
  scenario: cable('Handshake', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: [
        'Step with *Packet* until alice sends her first segment of TCP, and select it, in the list or on the cable. What goes before it is ARP: alice has to ask for the hardware address of 10.0.0.2 first.',
      ],
      hint: ['The first segment has the flag *SYN*: `[S]` in the list. It is the third frame.'],
      done: (view) => flags(view) === 'S',
      told: [
        'SYN: “let us count from here”. Its sequence number is large and cannot be guessed (RFC 9293 section 3.4.1, RFC 6528). Many texts say that it is 0: what begins at 0 is what Wireshark *shows*, which subtracts it.',
        'Look at its options. In two of them each side tells the other something of its own, and nothing is agreed: how much data it takes in one segment (MSS, without headers: RFC 9293 section 3.7.1), and how far its windows are shifted. SACK and timestamps are used if both ask for them. Addresses and ports are not negotiated, they stand in every segment.',
      ],
    },
    {
      ask: [
        'Step on until alice’s program prints that `connect` has returned. Which segment was it that she waited for? Select it.',
      ],
      guess: {
        ask: 'When does connect return?',
        choices: ['When the SYN has left', 'When the answer to it is there', 'When the third segment has reached bob'],
        right: 1,
      },
      hint: ['It comes from bob, and has the flags SYN and ACK: `[S.]`.'],
      done: (view) => flags(view) === 'S.' && printed(view, 'alice', 'connect has returned'),
      told: [
        '`connect` takes one round trip: 80 ms here, and the time of ARP before it. Alice is ESTABLISHED now, bob is not yet. Look at the sockets of [bob](node:bob) at this moment: SYN-RECEIVED.',
        'Packets are “caused by” calls such as `connect() = -1 EINPROGRESS`, and later `recvfrom() = -1 EAGAIN`: the calls underneath do not block. The program waits, the socket does not.',
        'He knows that alice has heard him when the third segment comes, her ACK (RFC 9293 section 3.5). The view *States* draws the way of both.',
      ],
    },
    {
      ask: ['The third segment is alice’s ACK. Select it and *drop* it; then let the run go on.'],
      guess: {
        ask: 'What becomes of the connection?',
        choices: [
          'It fails',
          'Bob sends his SYN again at once',
          'Her next segment does what the lost one should have done',
        ],
        right: 2,
      },
      hint: [
        'It is frame 5: `[.]` from alice. If it has arrived already, dropping it goes back and runs again without it. Alice speaks after 500 ms.',
      ],
      done: (view) => {
        const lost = dropped(view).find((frame) => flagsOf(frame) === '.' && fromOf(view, frame) === 'alice')
        return (
          lost !== undefined &&
          view.states.some(({ host, to, at }) => host === 'bob' && to === 'ESTABLISHED' && at > lost.at)
        )
      },
      told: [
        'Every segment but the first acknowledges (RFC 9293 section 3.1). So “hello”, half a second later, said as well that alice had heard bob, and brought him to ESTABLISHED.',
        'Had she kept silent, he would have sent his SYN-ACK again after a second.',
      ],
    },
    {
      ask: ['Now change the *Seed*, and look for the SYN of this other run: select it.'],
      guess: {
        ask: 'What is different in the other run’s SYN?',
        choices: ['Nothing', 'Sequence number and port of alice', 'All of it'],
        right: 1,
      },
      hint: ['The seed is at the top of the page. Give any other number and press Enter, then step to the SYN again.'],
      done: (view) => view.scenario.seed !== 1 && flags(view) === 'S',
      told: [
        'Another sequence number, and another port: alice’s is an *ephemeral* one, chosen when `connect` was called, at random as well (RFC 6056). Before that call the socket’s port was 0. Only 12000 is what it was: that port bob’s program has chosen by `bind`.',
      ],
    },
  ],
}

function flags(view: Parameters<typeof chosenFrame>[0]): string {
  const frame = chosenFrame(view)
  return frame === null ? '' : flagsOf(frame)
}
