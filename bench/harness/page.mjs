// The results as one page that needs nothing else: a chart for each figure, a bar for us and one for each peer, with the rounds'
// spread across its end and ticks where floor and aim are.

import { goalText } from './judge.mjs'
import { mark, pinsShown, ratioShown, shown } from './table.mjs'

const WIDTH = 400
const HEIGHT = 18

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1f; --dim: #62626b; --paper: #fff; --line: #d9d9df; --ours: #1d63c4; --theirs: #a8a8b3;
  --good: #18794e; --fair: #946800; --bad: #c22b2b }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ed; --dim: #9c9ca6; --paper: #141417; --line: #34343b; --ours: #6da8ff;
  --theirs: #6b6b76; --good: #4cc38a; --fair: #e5b13a; --bad: #ff7b72 } }
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 60rem; padding: 1rem }
h1 { font-size: 1.5rem } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line) } h3 { font-size: 1rem; margin: 1.5rem 0 .3rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 } dt, .dim { color: var(--dim) } dd { margin: 0 }
.row { display: grid; grid-template-columns: 11rem 1fr 8rem 11rem; gap: .75rem; align-items: center; font-variant-numeric: tabular-nums }
.row > :nth-child(3) { text-align: right } .row svg { width: 100%; height: 1.1rem; display: block }
.ours rect { fill: var(--ours) } .theirs rect { fill: var(--theirs) } .ours > :first-child { font-weight: 600 }
.spread { stroke: var(--ink); stroke-width: 1.5 } .goal { stroke: var(--fair); stroke-width: 2 } .aim { stroke: var(--good) }
.verdict { font-size: .8rem; margin-left: .5rem } .aim-verdict { color: var(--good) } .floor-verdict { color: var(--fair) }
.below-verdict, .failed { color: var(--bad) } p { margin: .2rem 0 }
@media (max-width: 40rem) { .row { grid-template-columns: 1fr 7rem; gap: 0 .5rem; margin-bottom: .4rem } .row svg { grid-column: 1 / -1; order: 3 }
  .row > :nth-child(4) { grid-column: 1 / -1; order: 4 } }
`

/** The page of a whole run. */
export function page({ machine, options, suites }) {
  const { date, processor, processors, kernel, congestionControl, memoryGiB, node, commit, dirty } = machine
  const facts = {
    Measured: date.slice(0, 16).replace('T', ' '),
    Jackfield: `${commit ?? 'no commit'}${dirty ? ', with changes that are not committed' : ''}`,
    Machine: `${processors} × ${processor}, ${memoryGiB} GiB, ${kernel}${congestionControl ? `, whose TCP has ${congestionControl}` : ''}`,
    Node: node,
    Rounds: `${options.rounds} of ${options.seconds} s`,
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Jackfield: figures of ${escaped(facts.Measured)}</title><style>${STYLE}</style></head><body>
<h1>Jackfield: figures</h1>
<dl>${pairs(facts)}</dl>
<p class="dim">Each figure is measured beside its peers, round by round, in one run. Bars end at the median, the line across spans least
and most of the rounds; a ratio is the median of those of the rounds, with its quartiles. Ticks: floor and aim.</p>
${suites.map(suiteSection).join('\n')}
</body></html>
`
}

function suiteSection({ suite, missing, peers, figures, summary }) {
  if (missing !== null) return `<h2>${escaped(suite)}</h2><p class="failed">left out: ${escaped(missing)}</p>`
  if (figures.length === 0) return ''
  const versions = Object.entries(peers).filter(([, { version }]) => version)
  const known = versions.map(([name, { version }]) => `${name} ${version}`).join('; ')
  return `<h2>${escaped(suite)}</h2><p class="dim">${escaped(known)}</p>${figures.map(figureSection).join('')}${
    summary ? `<p>${escaped(summary)}</p>` : ''
  }`
}

function figureSection(figure) {
  const { name, unit, better, ours, peers, verdict, note } = figure
  const bars = [ours, ...peers].filter(({ median }) => median !== null)
  const goals = goalMarks(figure)
  const widest = Math.max(...bars.map(({ max }) => max), ...goals.map(({ value }) => value), 0)
  const row = (entry, kind, ratio) => {
    const { missing, error, median, pins } = entry
    const bound =
      String(pins) === String(ours.pins) ? '' : ` <span class="dim">${escaped(pinsShown(pins) || 'free')}</span>`
    const failed = error === null ? '' : ` <span class="failed">${escaped(error)}</span>`
    const bar = median === null ? '<span></span>' : barOf(entry, widest, kind === 'ours' ? goals : [])
    const value = median === null ? '' : `${shown(median)} ${escaped(unit)}`
    const said = missing === null ? ratio + failed : `<span class="failed">missing: ${escaped(missing)}</span>`
    return `<div class="row ${kind}"><span>${escaped(entry.name)}${bound}</span>${bar}<span>${value}</span><span>${said}</span></div>`
  }
  const said = verdict === null ? '' : `<span class="verdict ${verdict}-verdict">${escaped(mark(verdict))}</span>`
  const texts = [
    better === 'less' ? 'less is better' : '',
    ours.pins === null ? '' : pinsShown(ours.pins),
    prefixed('floor', goalText(figure, figure.floor)),
    prefixed('aim', goalText(figure, figure.aim)),
    note ?? '',
  ].filter((text) => text !== '')
  return `<h3>${escaped(name)}${said}</h3>${row(ours, 'ours', '')}${peers
    .map((peer) => row(peer, 'theirs', peer.ratio === null ? '' : ratioText(peer.ratio)))
    .join('')}<p class="dim">${escaped(texts.join('; '))}</p>`
}

const prefixed = (word, text) => (text === '' ? '' : `${word} ${text}`)

function ratioText({ median, q1, q3 }) {
  return `${ratioShown(median)} <span class="dim">(${q1.toPrecision(3)}–${q3.toPrecision(3)})</span>`
}

/** Where floor and aim lie on the axis of the values: a ratio, at so many times the peer. */
function goalMarks({ floor, aim, peers }) {
  const marks = []
  for (const [kind, goals] of Object.entries({ floor, aim })) {
    for (const [of, goal] of Object.entries(goals)) {
      if (of === 'absolute') marks.push({ kind, value: goal })
      for (const { name, median } of peers) {
        if (of !== 'absolute' && name.startsWith(of) && median !== null) marks.push({ kind, value: goal * median })
      }
    }
  }
  return marks
}

function barOf({ median, min, max }, widest, goals) {
  const at = (value) => (widest === 0 ? 0 : (value / widest) * WIDTH).toFixed(1)
  const half = HEIGHT / 2
  const ticks = goals
    .map(({ kind, value }) => `<line class="goal ${kind}" x1="${at(value)}" x2="${at(value)}" y1="0" y2="${HEIGHT}"/>`)
    .join('')
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${shown(median)}">` +
    `<rect width="${at(median)}" height="${HEIGHT - 6}" y="3"/>` +
    `<line class="spread" x1="${at(min)}" x2="${at(max)}" y1="${half}" y2="${half}"/>${ticks}</svg>`
  )
}

function pairs(facts) {
  return Object.entries(facts)
    .map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(String(value))}</dd>`)
    .join('')
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
