// Pictures as text. Their colours are those of the site, light or dark (docs/.vitepress/theme); by themselves they are dark on light.

/** A number as it is written: two places are a hundredth of a pixel. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const STYLE = `
  .figure { font: 12px Inter, system-ui, sans-serif; background: var(--vp-c-bg, #fbfaf7); }
  .figure text { fill: var(--vp-c-text-1, #22252c); }
  .figure .quiet { fill: var(--vp-c-text-2, #575b66); }
  .figure .axis { stroke: var(--vp-c-border, #cfcbbf); fill: none; }
  .figure .grid { stroke: var(--vp-c-divider, #e2dfd5); fill: none; }
  .figure .quiet-line { stroke: var(--vp-c-text-3, #6d717c); fill: none; }
  .figure .a { stroke: var(--figure-a, #1f5f8b); fill: none; }
  .figure .b { stroke: var(--figure-b, #b0410f); fill: none; }
  .figure .c { stroke: var(--figure-c, #00745c); fill: none; }
  .figure .dashed { stroke-dasharray: 5 3; }
  .figure text.a { fill: var(--figure-a, #1f5f8b); stroke: none; }
  .figure text.b { fill: var(--figure-b, #b0410f); stroke: none; }
  .figure text.c { fill: var(--figure-c, #00745c); stroke: none; }
`

/** A whole picture. `title` is what it shows, for those who cannot see it. One that is no wider than SMALL fits a telephone. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg class="${width > SMALL ? 'figure' : 'figure small'}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`
}

export function text(
  x: number,
  y: number,
  what: string,
  kind = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return `<text x="${n(x)}" y="${n(y)}" class="${kind}" text-anchor="${anchor}">${escaped(what)}</text>`
}

export function line(points: readonly (readonly [x: number, y: number])[], kind: string, width = 1): string {
  return `<polyline class="${kind}" stroke-width="${width}" points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}"/>`
}

/** From a range of values to a range of pixels, with values worth a mark. */
export class Scale {
  readonly #from: readonly [number, number]
  readonly #to: readonly [number, number]

  constructor(from: readonly [number, number], to: readonly [number, number]) {
    this.#from = from
    this.#to = to
  }

  at(value: number): number {
    const [low, high] = this.#from
    return this.#to[0] + ((value - low) / (high - low)) * (this.#to[1] - this.#to[0])
  }

  /** About so many round values: 1, 2 or 5 times a power of ten apart. */
  marks(count: number): number[] {
    const [low, high] = this.#from
    const rough = (high - low) / count
    const power = 10 ** Math.floor(Math.log10(rough))
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) as number
    const marks: number[] = []
    for (let i = Math.ceil(low / step); i * step <= high; i++) marks.push(i * step)
    return marks
  }
}

/** Where a plot is drawn, and its axes with their marks. */
export interface Frame {
  readonly x: Scale
  readonly y: Scale
  readonly parts: string[]
}

export const WIDTH = 720
export const SMALL = 400
const [RIGHT, TOP, BOTTOM] = [16, 30, 40]

export function frame(
  width: number,
  height: number,
  x: readonly [number, number],
  y: readonly [number, number],
  names: readonly [string, string],
): Frame {
  const left = width > SMALL ? 64 : 32
  const across = new Scale(x, [left, width - RIGHT])
  const up = new Scale(y, [height - BOTTOM, TOP])
  const parts = [
    ...up.marks(5).flatMap((value) => [
      line(
        [
          [left, up.at(value)],
          [width - RIGHT, up.at(value)],
        ],
        'grid',
      ),
      text(left - 8, up.at(value) + 4, value.toLocaleString('en'), 'quiet', 'end'),
    ]),
    ...across.marks(8).map((value) => text(across.at(value), height - BOTTOM + 18, n(value), 'quiet', 'middle')),
    line(
      [
        [left, TOP],
        [left, height - BOTTOM],
        [width - RIGHT, height - BOTTOM],
      ],
      'axis',
    ),
    text(width - RIGHT, height - 6, names[0], 'quiet', 'end'),
    text(8, 16, names[1], 'quiet'),
  ]
  return { x: across, y: up, parts }
}
