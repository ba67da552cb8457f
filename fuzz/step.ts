// One thing that happens in a fuzzing case, and the line of a corpus file that writes it: a word, numbers, and octets after a colon.

export interface Step {
  readonly kind: string
  readonly numbers: readonly number[]
  readonly bytes: Uint8Array
}

const NO_BYTES = new Uint8Array(0)

export function step(kind: string, numbers: readonly number[] = [], bytes: Uint8Array = NO_BYTES): Step {
  return { kind, numbers, bytes }
}

/** The number at `i`; 0 where there is none: a case that was cut down still runs. */
export function numberOf({ numbers }: Step, i: number): number {
  return numbers[i] ?? 0
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const octet of bytes) text += octet.toString(16).padStart(2, '0')
  return text
}

/** A case as the text of a corpus file. `comment` may have several lines. */
export function writeCase(comment: string, steps: readonly Step[]): string {
  const lines = comment.split('\n').map((line) => `# ${line}`.trimEnd())
  for (const { kind, numbers, bytes } of steps) {
    lines.push([kind, ...numbers].join(' ') + (bytes.length > 0 ? `: ${hex(bytes)}` : ''))
  }
  return `${lines.join('\n')}\n`
}

/** Reads what `writeCase` wrote. Throws a SyntaxError that names the line where it is none. */
export function readCase(text: string): Step[] {
  const steps: Step[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const content = line.replace(/#.*/, '').trim()
    if (content === '') continue
    const match = /^([a-z]+)((?: -?\d+)*)(?:: ?((?:[0-9a-f]{2})+))?$/.exec(content)
    if (match === null) throw new SyntaxError(`line ${i + 1}: expected a word, numbers and ': hex', got '${content}'`)
    const [, kind = '', numbers = '', octets = ''] = match
    const bytes = Uint8Array.from(octets.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    steps.push(step(kind, numbers.match(/-?\d+/g)?.map(Number) ?? [], bytes))
  }
  return steps
}
