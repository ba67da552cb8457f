// Read first: POSIX.1-2024, Shell & Utilities, section 2.2 (quoting).

/** What else stands for something in a shell, outside quotes: here it is told to be missing, not taken for a word. */
const SPECIAL = '|&;<>()$`*?['

/** A line that a terminal cannot run: the message says why. */
export class CommandLineError extends Error {}

/** The words of a line as a shell takes them: blanks part them, quotes and backslashes keep them together. */
export function commandWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  for (let i = 0; i < line.length; i++) {
    const sign = line[i] as string
    if (sign === ' ' || sign === '\t' || sign === '\n') {
      if (word !== null) words.push(word)
      word = null
    } else if (sign === '#' && word === null) break
    else if (sign === "'" || sign === '"') {
      const end = closing(line, i)
      const quoted = line.slice(i + 1, end)
      word = (word ?? '') + (sign === '"' ? quoted.replace(/\\(["\\$`])/g, '$1') : quoted)
      i = end
    } else if (sign === '\\') {
      i++
      if (i === line.length) throw new CommandLineError('nothing stands behind the backslash')
      word = (word ?? '') + line[i]
    } else if (SPECIAL.includes(sign)) {
      throw new CommandLineError(`"${sign}" does nothing here: this terminal runs one command a line`)
    } else word = (word ?? '') + sign
  }
  if (word !== null) words.push(word)
  if (words.length === 0) throw new CommandLineError('there is no command on this line')
  return words
}

function closing(line: string, start: number): number {
  const quote = line[start]
  for (let i = start + 1; i < line.length; i++) {
    if (quote === '"' && line[i] === '\\') i++
    else if (line[i] === quote) return i
  }
  throw new CommandLineError(`the quote ${quote} is not closed`)
}
