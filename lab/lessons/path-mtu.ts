import type { Lesson } from './lesson.ts'
import { narrows, program } from './places.ts'
import client from './programs/far-client.ts?raw'
import server from './programs/receiving-server.ts?raw'
import { chosenFrame, dropped, octetsOf, printed } from './seen.ts'

export const pathMtu: Lesson = {
  id: 'path-mtu',
  title: 'A path that is narrow in the middle',
  about: [
    'Between [east](node:east) and [west](node:west) a packet may have [no more than 1000 octets](link:1). On their own cables [alice](node:alice) and [bob](node:bob) may send 1500, and so each tells the other in the handshake: segments of 1460 octets. [Alice](program:alice/client) has 8000 octets to send.',
  ],
  scenario: narrows('Path MTU', [program('bob/server', server), program('alice/client', client)]),
  tasks: [
    {
      ask: ['Run until a packet of alice’s is too large for the way, and select what tells her so.'],
      guess: {
        ask: 'What does the router do with a packet that does not fit?',
        choices: ['It cuts it in pieces', 'It drops it, and says so', 'It drops it silently'],
        right: 1,
      },
      hint: ['It is an ICMP message from east, at 0.13 s. Filter the list by `icmp`.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && frame.kind === 'icmp' && frame.text.includes('need to frag')
      },
      told: [
        '“Fragmentation needed”, with the MTU of the next link, 1000 (RFC 1191 section 4). IPv4 routers *can* cut packets, but TCP forbids it, by the flag DF: a lost piece would lose all. In IPv6 no router cuts (RFC 8200 section 5).',
      ],
    },
    {
      ask: ['Select the first segment with data that came through the narrow link.'],
      guess: {
        ask: 'How many octets of data will it have?',
        choices: ['1000', '960', '948'],
        right: 2,
      },
      hint: [
        'Look for data on the way from east to west, or filter by `length 948`. (The very first to pass is the rest of the 8000, which was short enough.)',
      ],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && frame.link === 1 && frame.end === 0 && octetsOf(frame) === 948
      },
      told: [
        '1000, less 20 for IP, 20 for TCP and 12 for timestamps. Alice remembers 1000 for this destination for ten minutes, all her connections share it, and what did not pass she has sent again at once: it is not a sign of congestion.',
        'That ends agree on a segment size in the handshake is half of the truth: each tells what *it* can take. Of the way between nobody knows.',
      ],
    },
    {
      ask: [
        'There are five of those ICMP messages. *Drop all five*, as a firewall does that “blocks ICMP”, and run until bob has everything.',
      ],
      guess: {
        ask: 'What does alice do now?',
        choices: ['She goes on with small segments', 'She sends the large ones again, as large', 'She gives up'],
        right: 1,
      },
      hint: ['They leave east at 0.13 s, one for each segment of 1448 octets. Drop each, then run for a second.'],
      done: (view) =>
        dropped(view).filter(({ kind, text }) => kind === 'icmp' && text.includes('need to frag')).length >= 5 &&
        printed(view, 'bob', 'received 8000 octets'),
      told: [
        'She takes it for a loss like any other, and sends a large one again, as large as before. That drew a sixth message, and this one you let pass. If none ever passes, small answers get through and large ones never: the connection is made, and then stands still. That is a *black hole*; RFC 4821 finds the size without ICMP, by trying (TCP_MTU_PROBING, tcp_mtu_probing in tcp(7)).',
      ],
    },
  ],
}
