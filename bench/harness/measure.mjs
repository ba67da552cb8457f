import { cpus } from 'node:os'
import { judge } from './judge.mjs'
import { Lane } from './lane.mjs'
import { ratios, spread } from './statistics.mjs'

/**
 * Measures one figure: every lane once uncounted, for `warm` seconds, then round by round, in an order that turns around each time, so
 * that nobody is always the first. A lane that fails is out of it from then on, and its error stands in the result.
 * `available` says of each peer { version } or { missing }; a figure that cannot be measured at all says why itself, `missing`.
 */
export async function measureFigure(figure, { available, dist, rounds, warm, order, progress, open = openLane }) {
  const wanted = [['jackfield', figure.ours], ...Object.entries(figure.theirs ?? {})]
  const counted = Math.min(rounds, figure.rounds ?? rounds)
  const entries = wanted.map(([name, lane]) => ({
    name,
    pins: pinsOf(lane, figure),
    lane: null,
    values: [],
    missing: figure.missing ?? available[name]?.missing ?? tooFew(pinsOf(lane, figure)),
    error: null,
  }))
  const attempt = async (entry, what) => {
    try {
      return await what()
    } catch (error) {
      entry.error = error.message
      await entry.lane?.close()
      entry.lane = null
      return null
    }
  }
  for (const [i, entry] of entries.entries()) {
    if (entry.missing !== null) continue
    progress(figure.name, 0, counted, entry.name)
    await attempt(entry, async () => {
      const [, lane] = wanted[i]
      entry.lane = open({ ...lane, pins: entry.pins }, lane.dist ?? dist)
      await entry.lane.ready()
    })
  }
  for (let round = figure.warm === false ? 1 : 0; round <= counted; round++) {
    for (const entry of round % 2 === 1 ? entries : entries.toReversed()) {
      let value = null
      if (entry.lane !== null) {
        progress(figure.name, round, counted, entry.name)
        const seconds = round === 0 ? warm : order.seconds
        value = await attempt(entry, () => entry.lane.measure({ ...order, round, seconds }))
      }
      if (round > 0) entry.values.push(value)
    }
  }
  await Promise.all(entries.map(({ lane }) => lane?.close()))
  return result(figure, entries, counted)
}

/** Linux alone binds a process to processors. */
function pinsOf(lane, figure) {
  const pins = lane.pins === undefined ? figure.pins : lane.pins
  return process.platform === 'linux' ? (pins ?? null) : null
}

function tooFew(pins) {
  const wanted = Math.max(...(pins ?? []).map(Number)) + 1
  return wanted > cpus().length ? `it wants ${wanted} processors` : null
}

function openLane(lane, dist) {
  return new Lane(lane, dist)
}

function result(figure, entries, rounds) {
  const [ours, ...peers] = entries.map(({ name, pins, values, missing, error }) => {
    const measured = values.filter((value) => value !== null)
    return { name, pins, values, ...(measured.length > 0 ? spread(measured) : { median: null }), missing, error }
  })
  for (const peer of peers) {
    const all = ratios(ours.values, peer.values)
    peer.ratio = all.length > 0 ? spread(all) : null
  }
  const { name, unit, better, floor = {}, aim = {}, note = null } = figure
  const medians = peers.map((peer) => ({ name: peer.name, ratio: peer.ratio?.median ?? null }))
  const verdict = judge(figure, ours.median, medians)
  return { name, unit, better, floor, aim, note, rounds, ours, peers, verdict }
}
