// Whether a figure is where it should be. Its floor and its aim are tables: 'absolute' holds a value, the name of a peer a ratio to
// that peer. A name stands for every peer that begins with it ('gvisor' is all variants of gVisor), and the strictest of them counts.

export const REACHED = 'aim'
export const FLOOR = 'floor'
export const BELOW = 'below'
/** There is no goal, or none whose peer was there. */
export const UNJUDGED = null

/** `ours`: the median; `peers`: [{ name, ratio: its median, or null }]. */
export function judge({ better, floor, aim }, ours, peers) {
  if (ours === null) return UNJUDGED
  const floors = held(better, floor, ours, peers)
  const aims = held(better, aim, ours, peers)
  if (floors === false) return BELOW
  if (aims === true || (floors === true && Object.keys(aim ?? {}).length === 0)) return REACHED
  return floors === true || aims === false ? FLOOR : UNJUDGED
}

/** Whether all goals hold that can be judged; null where none can. */
function held(better, goals, ours, peers) {
  const holds = (value, goal) => (better === 'more' ? value >= goal : value <= goal)
  let all = null
  for (const [of, goal] of Object.entries(goals ?? {})) {
    const values =
      of === 'absolute'
        ? [ours]
        : peers.filter(({ name, ratio }) => name.startsWith(of) && ratio !== null).map(({ ratio }) => ratio)
    for (const value of values) all = all !== false && holds(value, goal)
  }
  return all
}

/** A goal in words: '≥ 15 Gbit/s, ≥ 5 × gvisor'. */
export function goalText({ better, unit }, goals) {
  const sign = better === 'more' ? '≥' : '≤'
  return Object.entries(goals ?? {})
    .map(([of, goal]) => (of === 'absolute' ? `${sign} ${goal} ${unit}` : `${sign} ${goal}× ${of}`))
    .join(', ')
}
