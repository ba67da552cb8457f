/** Why and where a script failed, in the script's own notation. */
export interface ScriptFailure {
  /** The line of the event, counted from 1. */
  readonly line: number
  /** What differs, in words. */
  readonly message: string
  /** The event as written, or what was expected of it; null where that says nothing. */
  readonly expected: string | null
  /** What happened instead; null where nothing did. */
  readonly seen: string | null
  /** The last packets both ways, oldest first. */
  readonly recentPackets: readonly string[]
}

export interface ScriptResult {
  readonly ok: boolean
  /** The script's name. */
  readonly name: string
  readonly failure: ScriptFailure | null
  /** Packets that the stack sent and the script expected nothing of, as lines. */
  readonly leftovers: readonly string[]
  /** What the script configured that makes no difference here: it may have passed without what it is about. */
  readonly notes: readonly string[]
  /** Milliseconds that passed on the virtual clock. */
  readonly duration: number
}

/** A failure as several lines of text: where, what, expected, seen, and the last packets. Empty for a script that passed. */
export function formatResult(result: ScriptResult): string {
  const failure = result.failure
  if (failure === null) return ''
  const lines = [`${result.name}:${failure.line}: ${failure.message}`]
  if (failure.expected !== null) lines.push(`  expected: ${failure.expected}`)
  if (failure.seen !== null) lines.push(`  seen:     ${failure.seen}`)
  if (failure.recentPackets.length > 0) lines.push('  last packets:')
  for (const packet of failure.recentPackets) lines.push(`    ${packet}`)
  return lines.join('\n')
}
