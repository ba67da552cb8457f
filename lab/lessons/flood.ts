import type { Scenario } from '../engine/scenario.ts'
import type { Lesson } from './lesson.ts'
import { program, routed } from './places.ts'
import customer from './programs/customer.ts?raw'
import flooder from './programs/flood.ts?raw'
import server from './programs/small-queue-server.ts?raw'
import { chosenFrame, flagsOf, fromOf, printed } from './seen.ts'

function withCookies(scenario: Scenario, synCookies: number): Pick<Scenario, 'nodes'> {
  return {
    nodes: scenario.nodes.map((node) => (node.name === 'bob' ? { ...node, tcp: { ...node.tcp, synCookies } } : node)),
  }
}

const place = routed(
  'SYN flood',
  ['alice', 'mallory', 'carol'],
  [program('bob/server', server), program('mallory/flood', flooder), program('alice/customer', customer)],
)

export const flood: Lesson = {
  id: 'syn-flood',
  title: 'A SYN flood, and cookies against it',
  about: [
    '[Mallory](program:mallory/flood) sends SYN after SYN to [bob](node:bob), in the name of [carol](node:carol), who is switched off. Bob answers each, and waits for the third segment, which nobody will send. [Alice](program:alice/customer) is an honest customer.',
    'Bob has a backlog of eight. First he does without cookies.',
  ],
  scenario: { ...place, ...withCookies(place, 0), acts: [{ at: 0, host: 'carol', crash: true }] },
  tasks: [
    {
      ask: ['Run until 0.2 s, and select [bob](node:bob): what are his sockets?'],
      guess: {
        ask: 'What does a SYN cost the one who gets it?',
        choices: ['Nothing until it is accepted', 'A place among the half-open connections'],
        right: 1,
      },
      hint: ['Step or run until there are rows with the state SYN-RECEIVED.'],
      done: (view) =>
        view.selection.kind === 'node' &&
        view.selection.name === 'bob' &&
        (view.sockets['bob'] ?? []).filter(({ state }) => state === 'SYN-RECEIVED').length >= 8,
      told: [
        'Each SYN makes bob remember a connection that does not exist yet, and send his SYN-ACK again and again, for a minute if he is let. The queue of those is full at once. The address is carol’s because a host that *is* there would answer his SYN-ACK with RST, and free the place.',
      ],
    },
    {
      ask: ['Run until alice has tried. Select the segment that ends her first attempt.'],
      guess: {
        ask: 'How does alice fare?',
        choices: ['She is served', 'Bob does not know her any more when her ACK comes'],
        right: 1,
      },
      hint: ['Alice begins at 0.3 s. What ends it is a RST from bob to 10.0.1.2; filter the list by `[R` to find it.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return frame !== null && flagsOf(frame).includes('R') && frame.flow.startsWith('10.0.2.2:12000 10.0.1.2:')
      },
      told: [
        'Her SYN took the place of the oldest, and lost it again before her ACK was there: 60 ms, in which twelve more of mallory’s SYNs came. To her ACK bob says RST, for he knows no such connection: ECONNRESET. (Linux without cookies drops new SYNs when the queue is full; alice would wait in vain.)',
      ],
    },
    {
      ask: ['Give bob *SYN cookies*, and run until alice has been served.'],
      offer: { label: 'Run with SYN cookies', change: (scenario) => withCookies(scenario, 1) },
      guess: {
        ask: 'Where does bob keep what he has to remember?',
        choices: ['In a larger queue', 'In the sequence number that he sends'],
        right: 1,
      },
      hint: ['Press the button above, and run until 0.5 s.'],
      done: (view) =>
        printed(view, 'alice', 'welcome') && view.scenario.nodes.some(({ tcp }) => tcp?.['synCookies'] === 1),
      told: [
        'While the queue is full bob remembers nothing of a SYN. All that he needs, he puts into the sequence number of his SYN-ACK, with a secret hash of both ends (RFC 4987 section 3.6). Whoever acknowledges that number plus one has received it, so is where he says he is.',
      ],
    },
    {
      ask: ['Select the segment out of which bob *made* alice’s connection.'],
      hint: ['It is her third segment, `[.]`, when it comes to bob: with a cookie there was nothing before it.'],
      done: (view) => {
        const frame = chosenFrame(view)
        return (
          frame !== null &&
          flagsOf(frame) === '.' &&
          frame.flow.startsWith('10.0.1.2:') &&
          ['alice', 'router'].includes(fromOf(view, frame)) &&
          frame.arrivedAt <= view.now &&
          view.states.some(
            ({ host, from, to, at }) => host === 'bob' && from === 'CLOSED' && to === 'ESTABLISHED' && at >= frame.at,
          )
        )
      },
      told: [
        'Select her connection and look at bob’s states: from CLOSED to ESTABLISHED, without SYN-RECEIVED. The cookie has few bits for the options of her SYN; they are kept in the timestamp that she echoes. This is how Linux is set up as well (tcp(7), tcp_syncookies): only where the queue is full.',
      ],
    },
  ],
}
