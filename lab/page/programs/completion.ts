// What the Tab key completes: the name of a command, then those of hosts.

/** The line with its last word completed as far as there is one way; the same line where there is none. */
export function complete(line: string, commands: readonly string[], hosts: readonly string[]): string {
  const start = Math.max(line.lastIndexOf(' '), line.lastIndexOf('@')) + 1
  const word = line.slice(start)
  if (word === '') return line
  const first = line.slice(0, start).trim() === '' && !line.includes('@')
  const fitting = (first ? commands : hosts).filter((name) => name.startsWith(word))
  const [one = word] = fitting
  let length = one.length
  for (const other of fitting) while (!other.startsWith(one.slice(0, length))) length--
  return line.slice(0, start) + one.slice(0, length) + (fitting.length === 1 ? ' ' : '')
}
