// Read first: strace(1), "Filtering".

/** The calls that a trace shows, and the sets of strace that each is in. */
const SETS = {
  socket: ['network'],
  socketpair: ['network'],
  bind: ['network'],
  listen: ['network'],
  accept: ['network'],
  connect: ['network'],
  sendto: ['network'],
  recvfrom: ['network'],
  sendmsg: ['network'],
  recvmsg: ['network'],
  sendmmsg: ['network'],
  recvmmsg: ['network'],
  sendfile: ['network', 'desc'],
  shutdown: ['network'],
  getsockopt: ['network'],
  setsockopt: ['network'],
  getsockname: ['network'],
  getpeername: ['network'],
  ioctl: ['desc'],
  poll: ['desc'],
  dup: ['desc'],
  close: ['desc'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** A call that a trace shows. */
export type TracedCall = keyof typeof SETS

/** Every call that a trace can show. */
export const TRACED_CALLS: readonly TracedCall[] = /* @__PURE__ */ Object.keys(SETS) as TracedCall[]

/** Names that strace has for sets: with and without the "%" of today. */
const sets: ReadonlyMap<string, readonly TracedCall[]> = /* @__PURE__ */ makeSets()

function makeSets(): Map<string, readonly TracedCall[]> {
  const made = new Map<string, readonly TracedCall[]>([
    ['all', TRACED_CALLS],
    ['none', []],
  ])
  for (const set of ['network', 'desc']) {
    const members = TRACED_CALLS.filter((call) => (SETS[call] as readonly string[]).includes(set))
    for (const name of [set, `%${set}`]) made.set(name, members)
  }
  made.set('%net', made.get('network') as readonly TracedCall[])
  return made
}

/**
 * Reads what strace's option -e takes: `trace=network`, `trace=connect,sendto`, `connect`, `!close`, `trace=!%network`, `all`.
 * Throws a RangeError that says what is none of the calls, and which there are.
 */
export function parseCallFilter(expression: string): ReadonlySet<TracedCall> {
  let text = expression.trim()
  const qualifier = /^(!?)\s*(\w+)=(.*)$/.exec(text)
  if (qualifier !== null) {
    if (qualifier[2] !== 'trace' && qualifier[2] !== 't') {
      throw new RangeError(`calls must be trace=…, or names of calls; there is no ${qualifier[2]}= here`)
    }
    text = `${qualifier[1]}${qualifier[3]}`
  }
  const without = text.startsWith('!')
  const chosen = new Set<TracedCall>()
  for (const part of text.slice(without ? 1 : 0).split(',')) {
    const name = part.trim()
    const members = sets.get(name)
    if (members !== undefined) for (const call of members) chosen.add(call)
    else if (name in SETS) chosen.add(name as TracedCall)
    // There is one call for accepting here; people know it by either name.
    else if (name === 'accept4') chosen.add('accept')
    else
      throw new RangeError(
        `calls must be of ${TRACED_CALLS.join(', ')}, network, desc, all or none, got ${JSON.stringify(name)}`,
      )
  }
  return without ? new Set(TRACED_CALLS.filter((call) => !chosen.has(call))) : chosen
}
