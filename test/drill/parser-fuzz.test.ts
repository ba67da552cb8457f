import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseScript } from '../../src/drill/parser.ts'
import { ScriptSyntaxError } from '../../src/drill/syntax-error.ts'

const PIECES = fc.constantFrom(
  ...[
    '0 ',
    '+0 ',
    '+.1 ',
    '* ',
    '+1~+2 ',
    '0...0.2 ',
    '\n',
    '< ',
    '> ',
    'S ',
    '. ',
    'P.5 ',
    'FPU.EWA ',
    '1:1001(1000) ',
  ],
  ...[
    'ack 1 ',
    'win 257 ',
    'urg 1 ',
    '<mss 1460,nop>',
    '<...>',
    '<sack 1:2>',
    '<TS val 1 ecr 2,nop,nop>',
    '<ECN e0b 1>',
  ],
  ...[
    '[ect0] ',
    '(tos 0x10) ',
    '[flowlabel 1] ',
    'ipv4 1.2.3.4 > 1.2.3.5 : ',
    'ipv6 ::1 > ::2: ',
    'gre flags 0x2000,key 1: ',
  ],
  ...['mpls (label 1, tc 0, [S], ttl 1) : ', 'udp (5) ', 'icmp unreachable ', 'mtu 5 ', '[raw (5)] ', 'close(3) = 0 '],
  ...[
    'read(3, ..., ',
    '{a=1, b(2)=[',
    ']',
    '}',
    ')',
    '|',
    '"text\\n"',
    '"a" "b"...',
    '`sh`',
    '%{ assert 1 }%',
    '%{',
    '//',
    '/*',
  ],
  ...['--mtu=5\n', '--define=A=`b`\n', '0x', '-', '=', '4294967296', '\0', '\u{1f600}'],
)

it('whatever a text holds, it is read or refused with its place, at once', () => {
  const text = fc.array(fc.oneof({ weight: 9, arbitrary: PIECES }, fc.string()), { maxLength: 40 })
  fc.assert(
    fc.property(text, (pieces) => {
      try {
        parseScript(pieces.join(''), 'fuzz.pkt')
      } catch (error) {
        expect(error).toBeInstanceOf(ScriptSyntaxError)
        expect((error as Error).message).toMatch(/^fuzz\.pkt:\d+:\d+: ./)
      }
    }),
    { numRuns: 5000, seed: 1 },
  )
})
