import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { page } from './page.mjs'

/** A line for what was measured on and of what, and one for each figure. */
export function lines({ machine, options, suites }) {
  const all = [{ machine, options }]
  for (const { suite, peers, missing, figures, summary } of suites) {
    if (missing !== null) all.push({ suite, missing })
    for (const figure of figures) all.push({ suite, ...figure, versions: versions(figure, peers) })
    if (summary) all.push({ suite, summary })
  }
  return `${all.map((line) => JSON.stringify(line)).join('\n')}\n`
}

function versions({ peers }, all) {
  return Object.fromEntries(peers.filter(({ name }) => all[name]?.version).map(({ name }) => [name, all[name].version]))
}

/** Writes both files into `folder`, named after the day, the second and the commit; returns their paths. */
export function write(folder, run) {
  const { date, commit, dirty } = run.machine
  const stamp = date.slice(0, 19).replaceAll(':', '')
  const stem = join(folder, `${stamp}-${commit ?? 'no-commit'}${dirty ? '-dirty' : ''}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${stem}.jsonl`, lines(run))
  writeFileSync(`${stem}.html`, page(run))
  return [`${stem}.jsonl`, `${stem}.html`]
}
