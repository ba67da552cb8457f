// Scripts: whatever a text holds, it is refused with a line and a column, or run to an end with a result.

import { type ParseOptions, parseScript, runScript, ScriptSyntaxError } from '../../src/drill/index.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

/** Virtual time that a script may ask for before it is not run: what takes hours is no fault. */
const LONGEST_SECONDS = 100_000

const HEADS = [
  '',
  '--tolerance_usecs=1000\n',
  '--ip_version=ipv6\n',
  '`sysctl -q net.ipv4.tcp_sack=0`\n',
  '// a comment\n',
]
const LINES = [
  '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
  '+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
  '+0 bind(3, ..., ...) = 0',
  '+0 listen(3, 1) = 0',
  '+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>',
  '+0 > S. 0:0(0) ack 1 <...>',
  '+.1 < . 1:1(0) ack 1 win 257',
  '+0 accept(3, ..., ...) = 4',
  '+0 write(4, ..., 1000) = 1000',
  '+0 > P. 1:1001(1000) ack 1',
  '+.05 < . 1:1(0) ack 1001 win 257 <sack 2001:3001,nop,nop>',
  '+0 < P. 1:101(100) ack 1001 win 257',
  '+0 > . 1001:1001(0) ack 101',
  '+0 read(4, ..., 1000) = 100',
  '+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0',
  '+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)',
  '+0...0.2 read(4, ..., 100) = 100',
  '+0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 1',
  '+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}, 0) = 100',
  '+0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
  '+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]',
  '+0 < udp (100)',
  '+0 > udp (100)',
  '+0 < [ect0] . 1:1(0) ack 1001 win 257',
  '+0 < R. 1:1(0) ack 1 win 0',
  '+0 < F. 1:1(0) ack 1 win 257',
  '+0 close(4) = 0',
  '+0 %{ assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd }%',
  '+0 %{\nif tcpi_state == 1:\n  print(1)\nx = [1, 2]\nassert len(x) == 2\n}%',
  '+0 `sysctl -q net.ipv4.tcp_timestamps=0`',
  '* > S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>',
]
const TOKENS = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '=',
  '...',
  ',',
  '+',
  '-1',
  '0x',
  '"',
  '`',
  '%{',
  '}%',
  '/*',
  '*',
  ':',
  '~',
  'ack',
  'win',
  '4294967296',
  '1e9',
  '\\',
  '\n',
  'é',
  '\0',
]

function make(chance: Chance): Uint8Array {
  const lines: string[] = []
  // What opens a connection comes first as a rule.
  const opened = chance.oneIn(2)
  if (opened) for (let i = 0; i < 8; i++) if (!chance.oneIn(20)) lines.push(LINES[i] as string)
  for (let i = chance.below(10); i > 0; i--) lines.push(chance.pick(...LINES))
  let text = chance.pick(...HEADS) + lines.join('\n')
  for (let i = chance.oneIn(4) ? 0 : 1 + chance.below(3); i > 0; i--) text = changed(text, chance)
  return new TextEncoder().encode(text)
}

function changed(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1)
  const rest = text.slice(at)
  switch (chance.below(5)) {
    case 0:
      return text.slice(0, at) + chance.pick(...TOKENS) + rest
    case 1:
      return text.slice(0, at) + rest.slice(1 + chance.below(6))
    case 2:
      return (
        text.slice(0, at) +
        rest.replace(/-?\d+/, String(chance.pick(0, -1, 65_536, 2 ** 31, 2 ** 32, 1e15, chance.below(2000))))
      )
    case 3:
      return text.slice(0, at)
    default:
      return text.slice(0, at) + String.fromCharCode(chance.below(128)) + rest
  }
}

function take(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes)
  const options: ParseOptions = {}
  let script: ReturnType<typeof parseScript>
  try {
    script = parseScript(text, 'fuzz.pkt', options)
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error
    if (!/^fuzz\.pkt:\d+:\d+: /.test(error.message)) throw new Error(`a refusal without a place: ${error.message}`)
    return
  }
  const numbers = text.match(/\d+/g) ?? []
  if (numbers.some((number) => Number(number) > LONGEST_SECONDS)) return
  const result = runScript(script)
  if (!result.ok && result.failure === null) throw new Error('failed, and does not say why')
}

export const PACKETDRILL: Target = octetsTarget('packetdrill', 60, make, take)
