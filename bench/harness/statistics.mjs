/** The value below which the part `part` of `values` lies, between two of them where it falls there. */
export function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = Math.floor(at)
  const low = sorted[below]
  const high = sorted[Math.min(below + 1, sorted.length - 1)]
  return low + (high - low) * (at - below)
}

export const median = (values) => quantile(values, 0.5)

/** What is told of the values of the rounds. */
export function spread(values) {
  return {
    median: median(values),
    min: Math.min(...values),
    q1: quantile(values, 0.25),
    q3: quantile(values, 0.75),
    max: Math.max(...values),
  }
}

/** Of each round in which there are both, ours to theirs. */
export function ratios(ours, theirs) {
  const all = []
  for (const [round, value] of ours.entries()) {
    const other = theirs[round]
    if (value === null || other === null || other === undefined) continue
    const ratio = value / other
    if (Number.isFinite(ratio)) all.push(ratio)
  }
  return all
}
