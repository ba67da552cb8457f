// A packet in a line that begins with what is told of it: hosts stand in a column of their own, and of addresses the ports remain.

import type { Frame } from '../state/store.ts'

const ENDS = /^IP6? (\S+) > (\S+): (.*)$/
const OPTIONS = /, options \[([^\]]*)\]/

/** Of a line the flags in front, and the rest: what they are in words stands before them anyway. */
export function flagsOf(line: string): readonly [string, string] {
  const end = line.startsWith('[') ? line.indexOf('], ') + 3 : 0
  return [line.slice(0, end), line.slice(end)]
}

/** "[S], seq 7, win 65535, mss 1460, length 0, 40000 > 80, TS val 1 ecr 0" of "IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], …". */
export function lineOf({ text, kind }: Pick<Frame, 'text' | 'kind'>): string {
  const [, from = '', to = '', told] = ENDS.exec(text) ?? []
  if (told === undefined) return text
  if (kind !== 'tcp' && kind !== 'udp') return `${told}, ${from} > ${to}`
  const ports = `${portOf(from)} > ${portOf(to)}`
  const options = OPTIONS.exec(told)?.[1]?.split(',') ?? []
  // Clocks are long, and stand in nearly every segment.
  const clocks = options.filter((option) => option.startsWith('TS '))
  const others = options.filter((option) => !/^(TS .*|nop|eol)$/.test(option))
  const facts = told
    .replace(OPTIONS, others.map((option) => `, ${option}`).join(''))
    .replace(/^Flags /, '')
    // Where the data ends its length tells; the window, which is told behind, is not cut off then.
    .replace(/(\bseq \d+):\d+(?=.*, length [1-9])/, '$1')
  return [facts, ports, ...clocks].join(', ')
}

function portOf(end: string): string {
  return end.slice(end.lastIndexOf('.') + 1)
}

/** The words of a filter: what joins them in other tools means nothing here, since all must be there anyway. */
export function filterWords(filter: string): string[] {
  return filter
    .toLowerCase()
    .replace(/\bport (?=\d)/g, '')
    .split(/\s+/)
    .filter((word) => !['', '-', '&&', 'and'].includes(word))
}
