import { paint, type Tone } from './paint.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** It gives up width, down to so much, where the line is too long. */
  readonly least?: number
}

export interface Cell {
  readonly text: string
  readonly tone: Tone | null
}

/** A cell without a colour. */
export const plain = (text: string): Cell => ({ text, tone: null })

/** Lines of a table that are at most `width` wide, a heading above: cells are cut in columns that may be, columns left out at the end. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  colours: boolean,
): string[] {
  const widths = columns.map(({ title }, i) =>
    rows.reduce((most, row) => Math.max(most, lengthOf(row[i]?.text ?? '')), title.length),
  )
  const total = () => widths.reduce((sum, one) => sum + one + 1, -1)
  for (const [i, { least }] of columns.entries()) {
    if (least === undefined) continue
    widths[i] = Math.max(Math.min(widths[i] as number, least), (widths[i] as number) - Math.max(0, total() - width))
  }
  while (widths.length > 1 && total() > width) widths.pop()
  const line = (cells: readonly Cell[], heading: boolean) =>
    widths
      .map((room, i) => {
        const { text, tone } = cells[i] ?? plain('')
        const cut = cutTo(text, room)
        const space = ' '.repeat(Math.max(0, room - lengthOf(cut)))
        const painted = paint(cut, heading ? 'title' : tone, colours)
        return columns[i]?.align === 'right' ? space + painted : painted + space
      })
      .join(' ')
  return [
    line(
      columns.map(({ title }) => plain(title)),
      true,
    ),
    ...rows.map((row) => line(row, false)),
  ]
}

/** At most `width` places, with a mark where something is missing. What would write on the terminal as it likes is a question mark. */
export function cutTo(text: string, width: number): string {
  const places = [...text.replace(/\p{Cc}/gu, '?')]
  return places.length <= width
    ? places.join('')
    : `${places.slice(0, Math.max(0, width - 1)).join('')}…`.slice(0, width)
}

function lengthOf(text: string): number {
  return [...text].length
}
