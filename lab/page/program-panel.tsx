import { useEffect, useRef } from 'preact/hooks'
import { change, output, scenario, version } from './store.ts'
import './program-panel.css'

/** Lines that are shown: the last ones. */
const LINES = 500

interface Editor {
  text(): string
  mark(line: number, message: string): void
  close(): void
}

/** A program: its text, to be changed and run again, and what it has printed. */
export function ProgramPanel({ host, name }: { host: string; name: string }) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const program = scenario.value.programs.find((one) => one.host === host && one.name === name)
  const source = program?.source ?? ''
  const run = () => {
    const text = editor.current?.text() ?? source
    change({ programs: scenario.value.programs.map((one) => (one === program ? { ...one, source: text } : one)) })
  }
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    let gone = false
    // The editor is the largest part of the page: who does not write need not wait for it.
    void import('./editor.ts').then(({ makeEditor }) => {
      if (!gone && place.current !== null) editor.current = makeEditor(place.current, source, () => latest.current())
    })
    return () => {
      gone = true
      editor.current?.close()
      editor.current = null
    }
  }, [host, name])
  version.value
  const lines = output.filter((one) => one.host === host && one.program === name && one.command === undefined)
  const shown = lines.slice(-LINES)
  const last = lines.findLast(({ line }) => line > 0)
  useEffect(() => {
    editor.current?.mark(last?.line ?? 0, last?.text ?? '')
  })
  if (program === undefined) return <p>There is no such program any more.</p>
  return (
    <div class="program">
      <h2>
        {name} <small>on {host}</small>
        <button type="button" class="primary" title="Ctrl+Enter" onClick={run}>
          Run from the beginning
        </button>
      </h2>
      <div class="editor" ref={place} />
      <h3>Output</h3>
      <div class="terminal" tabIndex={0} role="log" aria-label={`Output of ${name} on ${host}`}>
        {lines.length > LINES ? (
          <span class="call">
            {`… ${lines.length - LINES} lines before`}
            {'\n'}
          </span>
        ) : null}
        {shown.map(({ at, kind, text, line }, i) => (
          <span key={i} class={kind}>
            {kind === 'out' || kind === 'error'
              ? text
              : `[${(at / 1000).toFixed(3)} s: ${kind}${text === '' ? '' : `: ${text}`}${line > 0 ? ` (line ${line})` : ''}]`}
            {'\n'}
          </span>
        ))}
      </div>
    </div>
  )
}
