// What is told of scripts that cannot be read: the place where something is missing or wrong, what was expected, what is there.

import { expect, it } from 'vitest'
import { parseScript } from '../../src/drill/parser.ts'
import { ScriptSyntaxError } from '../../src/drill/syntax-error.ts'

it.each([
  [
    '+0 > . 1:1(0) ack 1 <nop,nop,TS val 1 ecr 2\n+0 close(4) = 0',
    "2:44: expected ',' or '>', found the end of the line",
  ],
  ['+0 < P. 1:11(10) ack 1 win 257 <nop\n+0 close(4) = 0', "2:36: expected ',' or '>', found the end of the line"],
  [
    '+0 . 1:1(0) ack 1 win 5\n+0 close(4) = 0',
    "2:4: expected '<' or '>' before the packet, for its direction, found '.'",
  ],
  ['+0 P. 1:1(0) ack 1 win 5', "2:4: expected '<' or '>' before the packet, for its direction, found 'P'"],
  ['+0 S 0:0(0) win 5', "2:4: expected '<' or '>' before the packet, for its direction, found 'S'"],
  [
    '+0 < . 1:1(0) ack 1 win 5 nop,nop>\n+0 close(4) = 0',
    "2:27: expected 'urg', '<' and TCP options or the next event, found 'nop'",
  ],
  [
    '+0 < . 1:1(0) ack 1 win 5 >\n+0 close(4) = 0',
    "2:27: expected 'urg', '<' and TCP options or the next event, found '>'",
  ],
  [
    '+0 <\n+0 close(4) = 0',
    "2:5: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found the end of the line",
  ],
  [
    '+0 < . 1:1(0) ack 1 win 5 <mss 1460\n+0 > . 1:1(0) ack 1 <nop,nop,nop,nop>',
    "2:36: expected ',' or '>', found the end of the line",
  ],
  ['+0 < . 1:11(10 ack 1 win 5\n+0 close(4) = 0', "2:16: expected ')', found 'ack'"],
  ['+0 < . 1:11 10) ack 1 win 5\n', "2:13: expected '(', found '10'"],
  ['+0 < . 1 11(10) ack 1 win 5\n', "2:10: expected ':', found '11'"],
  ['+0 < P.X 1:11(10) ack 1 win 5\n', "2:6: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found 'P.X'"],
  [
    '+0 < PF. 1:11(10) ack 1 win 5\n+0 < p. 1:1(0) ack 1 win 5',
    "3:6: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found 'p.'",
  ],
  ['+0 < . 1:11(10) ack win 5\n', "2:21: expected the acknowledgement number, found 'win'"],
  ['+0 < . 1:11(10) ack\n+0 close(3) = 0', '2:20: expected the acknowledgement number, found the end of the line'],
  ['+0 < . 1:1(0) ack 1\n+0 close(3) = 0', "2:20: expected 'win' and the window, found the end of the line"],
  ['+0 < . 1:1(0) ack 1 win\n+0 close(3) = 0', '2:24: expected the window, found the end of the line'],
  [
    '+0 < . 1:1(0) ack 1 win 5 win 6\n+0 close(3) = 0',
    "2:27: expected 'urg', '<' and TCP options or the next event, found 'win'",
  ],
  [
    '+0 < . 1:1(0) win 5 ack 1\n+0 close(3) = 0',
    "2:21: expected 'urg', '<' and TCP options or the next event, found 'ack'",
  ],
  ['+0 < . 1:1(0) ack 1 window 5\n', "2:21: expected 'win' and the window, found 'window'"],
  ['+0 < . 1:1(0) ack 99999999999 win 5\n', '2:19: the acknowledgement number must be 0 to 4294967295, is 99999999999'],
  ['+0 < . 1:1(0) ack -1 win 5\n', '2:19: the acknowledgement number must be 0 to 4294967295, is -1'],
  ['+0 < . 1:70001(70000) ack 1 win 5\n', '2:16: the length of the payload must be 0 to 65535, is 70000'],
  [
    '+0 setsockopt(3, SOL_SOCKET, "abc, 3, 4) = 0\n+0 close(3) = 0',
    `2:30: the string that begins here does not end on its line: '"' is missing`,
  ],
  ['+0 /* foo\n+0 close(3) = 0', "2:4: the comment that begins here does not end: '*/' is missing"],
  ['+0 close(3) = 0 /* foo\n+0 close(3) = 0', "2:17: the comment that begins here does not end: '*/' is missing"],
  [
    '+0 %{ assert tcpi_state == 1\n+0 close(3) = 0',
    "2:4: the code block that begins here does not end: '}%' is missing",
  ],
  [
    '+0 `sysctl -q a=1\n+0 close(3) = 0',
    '2:4: the command that begins here does not end: a second backquote is missing',
  ],
  ['+0 close(3)\n+0 close(4) = 0', "2:12: expected '=', found the end of the line"],
  [
    '+0 close(3) =\n+0 close(4) = 0',
    "2:14: expected a value (a number, a name, a string, '...', '[' or '{'), found the end of the line",
  ],
  ['+0 close 3 = 0', "2:10: expected '(' and the arguments of close(), found '3'"],
  ['+0 close(3 = 0', "2:12: expected ',' or ')', found '='"],
  ['+0 close(3)) = 0', "2:12: expected '=', found ')'"],
  ['+0 close(3,) = 0', "2:12: expected a value (a number, a name, a string, '...', '[' or '{'), found ')'"],
  [
    '+0 close(3) = -1 ebadf (Bad)',
    "2:18: expected the name of an error, such as EINVAL, or the next event, found 'ebadf'",
  ],
  ['close(3) = 0', "2:1: expected the time of an event, found 'close'"],
  ['+ 0 close(3) = 0 \n1a close(3) = 0', "3:1: expected a time, found '1a'"],
  ['+0.1.2 close(3) = 0', "2:5: expected a packet ('<' or '>'), a system call, a command or a code block, found '.2'"],
  [
    '+0 close(3) = 0;\n+0 close(4) = 0',
    "2:16: expected the name of an error, such as EINVAL, or the next event, found ';'",
  ],
  ['+0 < . 1:1(0) ack 1 win 5, urg 3', "2:26: expected 'urg', '<' and TCP options or the next event, found ','"],
  ['+0 > . 1:1(0) ack 1 <nop,nop,sack 5>', "2:36: expected ':', found '>'"],
  ['+0 > . 1:1(0) ack 1 <nop,nop,TS 1 ecr 2>', "2:33: expected 'val', found '1'"],
  ['+0 > . 1:1(0) ack 1 <nop nop>', "2:26: expected ',' or '>', found 'nop'"],
  ['+0 > . 1:1(0) ack 1 <nop,nop,TS val 1 ecr>', "2:42: expected a timestamp, found '>'"],
  ['+0 > . 1:1(0) ack 1 <wscale>', "2:28: expected the window scale, found '>'"],
  ['+0 > . 1:1(0) ack 1 <wscale 300>', '2:29: the window scale must be 0 to 255, is 300'],
  ['+0 > . 1:1(0) ack 1 <FO 12g>', "2:25: expected octets in hexadecimal, two digits each, found '12g'"],
  ['+0 > . 1:1(0) ack 1 <...', "2:25: expected '>', found the end of the script"],
  ['+0 > [ect0 . 1:1(0) ack 1', "2:12: expected ']', found '.'"],
  [
    '+0 > [ect2] . 1:1(0) ack 1',
    "2:7: expected a field of the IP header ('ect0', 'ect1', 'ce', 'noecn', 'ect01', 'tos', 'ttl', 'flowlabel'), found 'ect2'",
  ],
  ['+0 > (ttl) . 1:1(0) ack 1', "2:10: expected the time to live, found ')'"],
  ['+0 < udp [1 > 2 (100)', "2:17: expected ']', found '('"],
  ['+0 < icmp', '2:10: expected an ICMP type, found the end of the script'],
  ['+0 < icmp unreachable frag_needed mtu [1:1(0)]', "2:39: expected the MTU, found '['"],
  ['+0 <> . 1:1(0) ack 1', "2:5: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found '>'"],
  ['+0 > 1:1(0) ack 1', "2:6: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found '1:1'"],
  ['+0 > . 1:1(0) ack 1 <eol', "2:25: expected ',' or '>', found the end of the script"],
  ['--mtu\n', '2:1: options stand before the first event'],
  ['+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0, 8) = 0', "2:62: expected ',' or '}', found ')'"],
  ['+0 setsockopt(3, SOL_SOCKET, SO_LINGER, [1, 4) = 0', "2:46: expected ',' or ']', found ')'"],
  [
    '+0~+1 close(3) = 0',
    '2:1: only a packet that the stack is expected to send may come at any time or within a range',
  ],
  ['+1...0.5 read(4, ..., 5) = 5', '2:10: the call would return before it begins'],
  ['+0 < . 1:1(0) ack 1 win 5 # comment\n', "2:27: expected an event, found '#': a comment begins with '//'"],
  ['+0 < . 1:1(0) ack 1 win 5 urg\n+0 close(3) = 0', '2:30: expected the urgent pointer, found the end of the line'],
  ['+0 read(4, .., 3) = 3', "2:12: expected a value (a number, a name, a string, '...', '[' or '{'), found '.'"],
])('%j', (text, message) => {
  let error: unknown = null
  try {
    parseScript(`0 close(3) = 0\n${text}`, 'test.pkt')
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ScriptSyntaxError)
  expect((error as ScriptSyntaxError).message).toBe(`test.pkt:${message}`)
})
