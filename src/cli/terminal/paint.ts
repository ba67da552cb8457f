// Read first: no-color.org.

/** What a colour means, wherever it is used. */
export type Tone = 'title' | 'faint' | 'good' | 'bad' | 'warning' | 'value'

const CODES: Readonly<Record<Tone, number>> = { title: 1, faint: 2, good: 32, bad: 31, warning: 33, value: 36 }

/** Whether a stream shows colours: a terminal that can, and nobody has asked for none. */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
}

/** `text` in a colour, where there are colours. */
export function paint(text: string, tone: Tone | null, colours: boolean): string {
  return colours && tone !== null && text !== '' ? `\x1b[${CODES[tone]}m${text}\x1b[0m` : text
}
