import { expect, test } from 'vitest'
import type { OutputEvent } from '../../lab/engine/run-events.ts'
import { complete } from '../../lab/page/programs/completion.ts'
import { terminalLines } from '../../lab/page/terminal/terminal-lines.ts'

function event(kind: OutputEvent['kind'], text: string, open = false): OutputEvent {
  const rest = { at: 0, host: 'alice', program: 'ping', line: 0, command: 1 }
  return { ...rest, kind, text, ...(open ? { open } : {}) }
}

const shown = (...events: readonly OutputEvent[]) =>
  terminalLines(events, 'alice').map(({ kind, text }) => `${kind}: ${text}`)

test('a terminal shows the lines of its own commands, and how they ended where that is worth a word', () => {
  expect(
    shown(
      event('started', 'ping bob'),
      { ...event('out', 'of another host'), host: 'bob' },
      { at: 0, host: 'alice', program: 'ping', kind: 'out', text: 'of a program', line: 0 },
      event('out', 'PING bob'),
      event('typed', '^C'),
      event('error', 'jackfield: ping: no'),
      event('ended', 'status 1'),
      event('started', 'help'),
      event('ended', ''),
      event('started', 'nc -l 7'),
      event('stopped', 'its host has crashed'),
    ),
  ).toEqual([
    'command: ping bob',
    'out: PING bob',
    'typed: ^C',
    'error: jackfield: ping: no',
    'status: status 1',
    'command: help',
    'command: nc -l 7',
    'status: stopped: its host has crashed',
  ])
})

test('a line goes on where it was left, unless something else has come between', () => {
  expect(shown(event('out', 'a', true), event('out', 'b', true), event('out', 'c'), event('out', 'd'))).toEqual([
    'out: abc',
    'out: d',
  ])
  expect(shown(event('out', 'name? ', true), event('typed', 'x'), event('out', 'y'))).toEqual([
    'out: name?',
    'typed: x',
    'out: y',
  ])
})

test('backspaces, returns and tabs move within a line; other control characters are nothing', () => {
  // ping -f: a dot for each request, taken back for each answer.
  expect(shown(event('out', '...', true), event('out', '\b \b', true), event('out', '\b \b'))).toEqual(['out: .'])
  expect(shown(event('out', '10 %\r20 %'))).toEqual(['out: 20 %'])
  expect(shown(event('out', 'a\tb'))).toEqual(['out: a       b'])
  expect(shown(event('out', '\b\bx\x07\x1b[1m'))).toEqual(['out: x[1m'])
})

test('Tab completes commands, then hosts, as far as there is one way', () => {
  const of = (line: string) => complete(line, ['ping', 'netstat', 'nc'], ['alice', 'alan', 'bob'])
  expect(of('p')).toBe('ping ')
  expect(of('n')).toBe('n')
  expect(of('ne')).toBe('netstat ')
  expect(of('ping -c 3 b')).toBe('ping -c 3 bob ')
  expect(of('ping a')).toBe('ping al')
  expect(of('dig @bo')).toBe('dig @bob ')
  expect(of('ping x')).toBe('ping x')
  expect(of('ping ')).toBe('ping ')
  expect(of('')).toBe('')
})
