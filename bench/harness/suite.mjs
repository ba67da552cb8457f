import { measureFigure } from './measure.mjs'

/**
 * A suite's figures, one after the other. A suite is a module with `name`, `peers(context)` and `figures(context)`. `peers` says by name which there
 * are, { version }, and which are missing, { missing: why }; where 'jackfield' is, the suite cannot run. A figure is { name, unit, better, floor,
 * aim, pins, ours: lane, theirs: { peer: lane } }; `rounds` where it needs no more, `warm: false` where it need not be warmed. A lane is what
 * `Lane` takes. `atOnce` says how many figures may be measured at a time (1), `summary(results)` what is said of all together, `options` what
 * options the suite has of its own.
 */
export async function runSuite(suite, { context, dist, only, rounds, warm, order, change, progress, open }) {
  progress.show(`${suite.name}: what there is`)
  const peers = await suite.peers(context)
  const missing = peers.jackfield?.missing ?? null
  const result = { suite: suite.name, peers, missing, figures: [], summary: null }
  if (missing !== null) {
    progress.say(`${suite.name}: left out: ${missing}`)
    return result
  }
  for (const [name, peer] of Object.entries(peers)) {
    if (peer.missing && change === null) progress.say(`${suite.name}: without ${name}: ${peer.missing}`)
  }
  const wanted = suite.figures(context).filter(({ name }) => name.includes(only))
  const waiting = [...wanted.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [i, figure] = next
      const measured = await measureFigure(change === null ? figure : change(figure), {
        available: peers,
        dist,
        rounds,
        warm,
        order,
        open,
        progress: (name, round, of, lane) =>
          progress.show(`${suite.name}: ${name}`, `: ${round === 0 ? 'warming' : `round ${round} of ${of}`}: ${lane}`),
      })
      for (const { name, error } of [measured.ours, ...measured.peers]) {
        if (error !== null) progress.say(`${suite.name}: ${measured.name}: ${name} failed: ${error}`)
      }
      result.figures[i] = measured
    }
  }
  await Promise.all(Array.from({ length: suite.atOnce ?? 1 }, worker))
  result.summary = suite.summary?.(result.figures) ?? null
  return result
}
