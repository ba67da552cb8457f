// A page of docs/ as what can be run of it: its front matter, and its blocks in their order.

export interface Block {
  /** What stands behind the fence first: js, console, text… */
  readonly language: string
  /** The rest of that line, such as "file=lab.zone". */
  readonly info: string
  readonly code: string
  /** The line of the page where the code begins, counted from 1. */
  readonly line: number
  /** Whether nothing but empty lines is between this and the block before it. */
  readonly adjacent: boolean
}

export interface Page {
  /** What the page cannot be run without: "network", names of programs. */
  readonly needs: readonly string[]
  /** Pages whose files its readers have already, by their paths from this one. */
  readonly uses: readonly string[]
  readonly blocks: readonly Block[]
}

/** What a page has that is no block but looks like code; a message for each. */
export class PageError extends Error {}

/**
 * Reads a page. A comment of HTML that begins with "console" is a block too: what readers have already, and a test must start.
 */
export function readPage(text: string): Page {
  const lines = text.split('\n')
  const blocks: Block[] = []
  const matter: Record<string, string[]> = {}
  let adjacent = false
  let i = 0
  if (lines[0] === '---') {
    const end = lines.indexOf('---', 1)
    for (const line of lines.slice(1, end)) {
      const [, name, value] = /^(needs|uses): *(.+)$/.exec(line) ?? []
      if (name !== undefined) matter[name] = (value as string).split(/[ ,]+/)
    }
    i = end + 1
  }
  for (; i < lines.length; i++) {
    const line = lines[i] as string
    const [, indent = '', open, language = '', info = ''] =
      /^( *)(```+|~~~+|<!-- (?=console$))(\S*) *(.*)$/.exec(line) ?? []
    if (open === undefined) {
      if (
        /^(?: {4}|\t)\S/.test(line) &&
        lines[i - 1]?.trim() === '' &&
        !/^ *(?:[-*]|\d+\.) /m.test(lastText(lines, i))
      ) {
        throw new PageError(`line ${i + 1}: code by indentation, which nobody runs: ${line.trim()}`)
      }
      if (line.trim() !== '') adjacent = false
      continue
    }
    const start = i + 1
    const close = open.startsWith('<') ? '-->' : open
    do i++
    while (i < lines.length && lines[i]?.trim() !== close)
    if (i === lines.length) throw new PageError(`line ${start}: a block without an end`)
    const code = lines
      .slice(start, i)
      .map((each) => `${each.startsWith(indent) ? each.slice(indent.length) : each}\n`)
      .join('')
    blocks.push({ language, info: info.trim(), code, line: start + 1, adjacent })
    adjacent = true
  }
  return { needs: matter['needs'] ?? [], uses: matter['uses'] ?? [], blocks }
}

/** The paragraph before a line: code within lists is indented by right. */
function lastText(lines: readonly string[], before: number): string {
  let end = before - 1
  while (end > 0 && lines[end]?.trim() === '') end--
  let begin = end
  while (begin > 0 && lines[begin - 1]?.trim() !== '') begin--
  return lines.slice(begin, end + 1).join('\n')
}
