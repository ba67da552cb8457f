import { paint, type Tone } from './paint.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** It gives up width, down to so much, where the line is too long. */
  readonly least?: number
  /** Which of it is not shown where it is cut; the end otherwise. */
  readonly cut?: 'start'
  /** Columns with a higher number are left out before others where there is no room; those without one stay longest. */
  readonly leaves?: number
}

export interface Cell {
  readonly text: string
  readonly tone: Tone | null
}

/** A cell without a colour. */
export const plain = (text: string): Cell => ({ text, tone: null })

/** Lines of a table that are at most `width` wide, a heading above: cells are cut in columns that may be, and columns left out. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  colours: boolean,
): string[] {
  const widths = columns.map(({ title }, i) =>
    rows.reduce((most, row) => Math.max(most, lengthOf(row[i]?.text ?? '')), title.length),
  )
  const least = widths.map((most, i) => Math.min(most, columns[i]?.least ?? most))
  const total = (of: readonly number[]) => of.reduce((sum, one) => (one < 0 ? sum : sum + one + 1), -1)
  // Whoever comes later leaves first among those that are as dear.
  const leaving = columns
    .map((_, i) => i)
    .sort((x, y) => (columns[y]?.leaves ?? 0) - (columns[x]?.leaves ?? 0) || y - x)
  for (const i of leaving.slice(0, -1)) if (total(least) > width) least[i] = widths[i] = -1
  for (const [i, room] of least.entries()) {
    widths[i] = Math.max(room, (widths[i] as number) - Math.max(0, total(widths) - width))
  }
  const line = (cells: readonly Cell[], heading: boolean) =>
    widths
      .flatMap((room, i) => {
        if (room < 0) return []
        const { text, tone } = cells[i] ?? plain('')
        const cut = columns[i]?.cut === 'start' && !heading ? endOf(text, room) : cutTo(text, room)
        const space = ' '.repeat(Math.max(0, room - lengthOf(cut)))
        const painted = paint(cut, heading ? 'title' : tone, colours)
        return [columns[i]?.align === 'right' ? space + painted : painted + space]
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

function endOf(text: string, width: number): string {
  return [...cutTo([...text].reverse().join(''), width)].reverse().join('')
}

function lengthOf(text: string): number {
  return [...text].length
}
