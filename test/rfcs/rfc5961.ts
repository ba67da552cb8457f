import type { RfcRows } from './row.ts'

/** Segments of who does not see the connection. */
export const rfc5961: RfcRows = {
  title: 'RFC 5961: blind attacks',
  rows: [
    {
      id: '5961-1',
      section: 'RFC 5961 3.2',
      level: 'MUST',
      says: 'a RST outside of the window is dropped without a word',
      code: ['src/tcp/input.ts'],
      tests: ['reset/out-of-window.pkt'],
      without: ['if ((segment.flags & RST) !== 0) return false', ''],
    },
    {
      id: '5961-2',
      section: 'RFC 5961 3.2',
      level: 'MUST',
      says: 'a RST exactly at its edge ends the connection',
      code: ['src/tcp/input.ts'],
      tests: ['reset/exact.pkt'],
      without: ['if (segment.seq !== c.rcvNxt) {', 'if (segment.seq === c.rcvNxt) {'],
    },
    {
      id: '5961-3',
      section: 'RFC 5961 3.2',
      level: 'MUST',
      says: 'a RST elsewhere in the window draws a challenge, and nothing else',
      code: ['src/tcp/input.ts', 'src/tcp/challenge.ts'],
      tests: ['reset/in-window.pkt'],
      without: ['if (segment.seq !== c.rcvNxt) {', 'if (segment.seq === -77) {'],
    },
    {
      id: '5961-4',
      section: 'RFC 5961 3.2',
      level: 'MUST',
      says: 'in SYN-SENT a RST counts only where it acknowledges the SYN',
      code: ['src/tcp/active-open.ts'],
      tests: ['syn-sent/rst-without-ack.pkt', 'syn-sent/rst-with-wrong-ack.pkt'],
      without: ['    if (!acceptable) return\n', ''],
    },
    {
      id: '5961-5',
      section: 'RFC 5961 4.2',
      level: 'MUST',
      says: 'a SYN in a synchronised state draws a challenge, wherever it lies; a RST in answer ends the connection',
      code: ['src/tcp/input.ts', 'src/tcp/challenge.ts'],
      tests: ['established/syn-in-window.pkt', 'established/syn-out-of-window.pkt', 'established/restarted-peer.pkt'],
      without: ['  if ((flags & SYN) !== 0) {\n    synArrives(c, segment)\n    return\n  }\n', ''],
    },
    {
      id: '5961-6',
      section: 'RFC 5961 5.2',
      level: 'MUST',
      says: 'an acknowledgement of what was never sent, or older than the largest window, is answered and its segment dropped',
      code: ['src/tcp/ack.ts'],
      tests: ['established/ack-too-old.pkt', 'established/ack-of-unsent.pkt'],
      without: ['if (before(ack, (c.sndUna - c.maxSndWnd) | 0)) {', 'if (ack === -77) {'],
    },
    {
      id: '5961-7',
      section: 'RFC 5961 7',
      level: 'SHOULD',
      says: 'challenges are limited in number, and nobody can count them from outside',
      code: ['src/tcp/challenge.ts'],
      tests: [
        'reset/challenge-limit.pkt',
        'test/tcp/calls.test.ts: a flood at one half-open connection leaves others their challenges (RFC 5961 7)',
      ],
      without: ['  if (heldBack(c)) return\n  if (!c.host.challenges', '  if (!c.host.challenges'],
    },
  ],
}
