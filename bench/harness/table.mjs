import { goalText } from './judge.mjs'

/** A number of three digits or more, as short as it says something. */
export function shown(value) {
  if (value === null || value === undefined) return '–'
  const size = Math.abs(value)
  if (size >= 1_000_000) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`
  if (size >= 1000) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}

export const ratioShown = (value) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)}×`

const MARKS = { aim: '✓', floor: 'floor', below: 'BELOW' }
export const mark = (verdict) => MARKS[verdict] ?? ''

export const pinsShown = (pins) => (pins === null ? '' : `on ${pins.join(' and ')}`)

/** The table of one suite, as text: a line for each figure, below it one for each peer. */
export function table({ suite, missing, figures, summary }) {
  const lines = [missing === null ? suite : `${suite}: left out: ${missing}`]
  const wide = Math.max(44, ...figures.map(({ name }) => name.length))
  for (const result of figures) {
    const { name, unit, ours, peers, verdict, note } = result
    const range = ours.median === null ? '' : `(${shown(ours.min)}–${shown(ours.max)})`
    lines.push(
      `  ${name.padEnd(wide)} ${shown(ours.median).padStart(8)} ${unit.padEnd(8)} ${range.padEnd(18)} ${mark(verdict).padEnd(6)}${pinsShown(ours.pins)}`.trimEnd(),
    )
    if (ours.missing !== null) lines.push(`      left out: ${ours.missing}`)
    if (ours.error !== null) lines.push(`      FAILED: ${ours.error}`)
    for (const peer of peers) lines.push(`      ${peerLine(peer, unit, ours)}`)
    const goals = [
      ['floor', goalText(result, result.floor)],
      ['aim', goalText(result, result.aim)],
    ].filter(([, text]) => text !== '')
    if (goals.length > 0) lines.push(`      ${goals.map(([what, text]) => `${what} ${text}`).join('; ')}`)
    if (note !== null) lines.push(`      ${note}`)
  }
  if (summary) lines.push(`  ${summary}`)
  return lines.join('\n')
}

function peerLine(peer, unit, ours) {
  const { name, median, ratio, missing, error } = peer
  if (missing !== null) return `${name}: missing: ${missing}`
  const failed = error === null ? '' : ` FAILED: ${error}`
  if (ratio === null) return `${name}:${median === null ? '' : ` ${shown(median)} ${unit}`}${failed}`
  const quartiles = `${ratio.q1.toPrecision(3)}–${ratio.q3.toPrecision(3)} of ${ratio.min.toPrecision(3)}–${ratio.max.toPrecision(3)}`
  const pins = String(peer.pins) === String(ours.pins) ? '' : ` ${pinsShown(peer.pins) || 'free'}`
  return `${`${ratioShown(ratio.median)} ${name}`.padEnd(40)} ${shown(median).padStart(8)} ${unit.padEnd(8)} (${quartiles})${pins}${failed}`
}
