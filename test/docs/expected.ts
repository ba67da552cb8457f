// What a page says that a program prints: "…" stands for any text of a line, a line of nothing else for any lines.

const ANY = '…'

/** Whether text is, from its begin to its end, what was expected. Empty lines at the end count for nothing. */
export function isExpected(expected: string, text: string): boolean {
  return new RegExp(`^${source(expected)}\n*$`, 'u').test(`${text.trimEnd()}\n`)
}

/**
 * How much of what a running program has printed so far is what was expected of it next; -1 where it is not yet. `anywhere`: lines may stand
 * before it.
 */
export function lengthOfExpected(expected: string, text: string, anywhere: boolean): number {
  return new RegExp(`^${anywhere ? '(?:.*\n)*?' : ''}${source(expected)}`, 'u').exec(text)?.[0].length ?? -1
}

function source(expected: string): string {
  const lines = expected.trimEnd().split('\n')
  if (lines.length === 1 && lines[0] === '') return ''
  return lines
    .map((line) => {
      if (line.trim() === ANY) return '(?:.*\n)*?'
      const parts = line.trimEnd().split(ANY)
      return `${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('.*?')}[ \t]*\n`
    })
    .join('')
}
