const BARS = '▁▂▃▄▅▆▇█'

/** The last values, as many as there is room for, each a bar from nothing to `top`: the largest of them where that is left out. */
export function sparkline(values: readonly number[], width: number, top?: number): string {
  const shown = values.slice(-width)
  const high = top ?? Math.max(0, ...shown)
  const bars = shown.map((value) => {
    if (value <= 0 || high <= 0) return ' '
    const step = Math.ceil((Math.min(value, high) / high) * BARS.length) - 1
    return BARS[step] as string
  })
  return bars.join('').padStart(width)
}
