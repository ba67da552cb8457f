import type { Lesson } from './lesson.ts'
import { cable, program } from './places.ts'
import receiver from './programs/position-receiver.ts?raw'
import sender from './programs/position-sender.ts?raw'
import { chosenFrame, dropped, handled, printed } from './seen.ts'

export const positions: Lesson = {
  id: 'udp-loss',
  title: 'UDP: what is lost stays lost',
  about: [
    '[Alice](program:alice/sender) tells [bob](program:bob/receiver) where her player is, every 30 ms, each time in a datagram of its own with a number in front. There is no connection, no acknowledgement, and no timer.',
  ],
  scenario: cable('Positions', [program('bob/receiver', receiver), program('alice/sender', sender)]),
  tasks: [
    {
      ask: ['*Drop* a datagram, and run until bob’s program shows what that did.'],
      guess: {
        ask: 'What happens to the position?',
        choices: [
          'It is sent again',
          'It never comes, and those behind it come as ever',
          'All that follow wait for it',
        ],
        right: 1,
      },
      hint: ['Take one at 0.15 s or later. Bob’s program counts the numbers and prints how many are missing.'],
      done: (view) => dropped(view).some(({ kind }) => kind === 'udp') && printed(view, 'bob', 'missing'),
      told: [
        'It never comes, and nobody but the program can notice (RFC 768 is three pages, and says nothing of it). For a position that is right: the next one is newer. TCP would have held all later ones back until the lost one had come again: that is why games and calls use UDP.',
      ],
    },
    {
      ask: ['*Hold back* another datagram by 50 ms, and run until bob’s program has seen it.'],
      guess: {
        ask: 'In which order does bob get them?',
        choices: ['As they were sent', 'As they arrive'],
        right: 1,
      },
      hint: ['The button is beside *Drop*. 50 ms are more than the 30 ms between two datagrams: it is overtaken.'],
      done: (view) => handled(view, 'delay').length > 0 && printed(view, 'bob', 'comes late'),
      told: [
        'As they arrive. It is the number in it that lets the program see an old position, and throw it away. Whatever order or certainty a program on UDP wants, it has to make itself.',
      ],
    },
    {
      ask: [
        'Change [alice’s program](program:alice/sender): it shall send to port 5005, where nobody is. Run, and select the frame that tells her.',
      ],
      guess: {
        ask: 'What does alice hear?',
        choices: ['Nothing: UDP has no answers', 'A RST from bob', 'An ICMP message from bob’s host'],
        right: 2,
      },
      hint: ['Change 5004 to 5005 and press *Run from the beginning*. The frames from bob are ICMP.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && frame.kind === 'icmp' && frame.text.includes('port 5005 unreachable')
      },
      told: [
        '“Port unreachable” (RFC 1122 section 3.2.2.1). Alice’s socket is *connected*, so her host knows whose the message is: for each message a later `send` fails with ECONNREFUSED (udp(7)). `connect` on UDP sends nothing. It notes the peer, and netstat shows such a socket as ESTABLISHED, though nothing was established.',
      ],
    },
  ],
}
