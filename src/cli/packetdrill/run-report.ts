import type { IpVersion } from '../../drill/ip-version.ts'
import { formatResult, type ScriptResult } from '../../drill/report.ts'
import type { ScriptSyntaxError } from '../../drill/syntax-error.ts'

/** What became of one script over one version of IP. */
export interface Run {
  readonly file: string
  /** null: it could not be read, over whatever version. */
  readonly ipVersion: IpVersion | null
  /** null: it could not be read, or its run broke off. */
  readonly result: ScriptResult | null
  /** Why, where it could not be read or run at all. */
  readonly error: string | null
  /** The script itself is wrong, and where. */
  readonly syntaxError: ScriptSyntaxError | null
}

/** Whether it passed. */
export function passed(run: Run): boolean {
  return run.result?.ok === true
}

/** The run in one line of JSON. */
export function jsonLine({ file, ipVersion, result, error, syntaxError }: Run): string {
  const failure = result?.failure ?? null
  return JSON.stringify({
    file,
    ip: ipVersion,
    ok: result?.ok ?? false,
    line: failure?.line ?? syntaxError?.line ?? null,
    column: syntaxError?.column ?? null,
    message: error ?? failure?.message ?? null,
    expected: failure?.expected ?? null,
    seen: failure?.seen ?? null,
    packets: failure?.recentPackets ?? [],
    leftovers: result?.leftovers ?? [],
    notes: result?.notes ?? [],
    duration: result?.duration ?? null,
  })
}

/** The same for people. */
export function textOf(run: Run): string {
  const { file, ipVersion, result, error } = run
  const title = `${passed(run) ? 'ok  ' : 'FAIL'} ${file}${ipVersion === null ? '' : ` [${ipVersion}]`}`
  const lines = [title]
  if (error !== null) lines.push(error)
  else if (result !== null && !result.ok) lines.push(formatResult(result))
  for (const note of result?.notes ?? []) lines.push(`  note: ${note}`)
  return lines.join('\n')
}
