// Read first: POSIX.1-2024, Shell Command Language, sections 2.2, 2.3 and 2.7. As much of it as the commands of scripts need: words,
// quotes, comments, lines that go on, lists, and where the output goes.

/** One program with its arguments. */
export interface SimpleCommand {
  readonly words: readonly string[]
  /** The file that its output goes to; null: none. */
  readonly into: string | null
}

const TOKEN =
  /(?<blank>\\\r?\n|[ \t\r]+|#[^\n]*)|(?<and>\n|;|&&|&(?!>))|(?<or>\|\|?)|(?<output>[0-9]*>{1,2}&?|&>{1,2})|(?<input><)|(?<word>(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\s;&|<>"'\\])+)|(?<other>[\s\S])/y

/**
 * The programs that a command runs as long as each of them succeeds: of what follows `||` nothing does, and what a pipe leads to is
 * left out.
 */
export function simpleCommands(text: string): SimpleCommand[] {
  const commands: SimpleCommand[] = []
  let words: string[] = []
  let into: string | null = null
  // Where the next word goes: to the words, to a file, or nowhere.
  let next: 'word' | 'output' | 'nowhere' = 'word'
  let skipping = false
  const finish = () => {
    if (words.length > 0 && !skipping) commands.push({ words, into })
    words = []
    into = null
    next = 'word'
  }
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null && match[0] !== ''; match = TOKEN.exec(text)) {
    const groups = match.groups as Record<string, string | undefined>
    if (groups['and'] !== undefined) {
      finish()
      skipping = false
    } else if (groups['or'] !== undefined) {
      finish()
      skipping = true
    } else if (groups['output'] !== undefined) {
      next = /^1?>{1,2}$/.test(groups['output']) ? 'output' : 'nowhere'
    } else if (groups['input'] !== undefined) {
      next = 'nowhere'
    } else if (groups['blank'] === undefined) {
      const word = unquoted(match[0])
      if (next === 'word') words.push(word)
      else if (next === 'output') into = word
      next = 'word'
    }
  }
  finish()
  return commands
}

function unquoted(word: string): string {
  return word.replace(/"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|\\([\s\S])/g, (_, double, single, escaped) => {
    if (double !== undefined) return (double as string).replace(/\\(["\\$`])/g, '$1')
    return (single ?? escaped) as string
  })
}
