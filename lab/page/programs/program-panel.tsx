import { useEffect, useRef } from 'preact/hooks'
import { change, latest, output, scenario, sourceOf, version } from '../state/store.ts'
import './program-panel.css'

/** Lines that are shown: the last ones. */
const LINES = 500

interface Editor {
  text(): string
  mark(line: number, message: string): void
  replace(text: string): void
  close(): void
}

/** Texts that were not run yet, with those that they are changes of, by host and name. */
const drafts = new Map<string, { readonly of: string; readonly text: string }>()

/** A program: its text, to be changed and run again, and what it has printed. */
export function ProgramPanel({ host, name }: { host: string; name: string }) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const program = scenario.value.programs.find((one) => one.host === host && one.name === name)
  const source = program?.source ?? ''
  /** The text in the scenario as the editor knows it: another one was put there from outside, as by undoing. */
  const known = useRef(source)
  const run = () => {
    const text = editor.current?.text() ?? source
    known.current = text
    const programs = latest().programs.map((one) =>
      one.host === host && one.name === name ? { ...one, source: text } : one,
    )
    change({ programs })
  }
  const latestRun = useRef(run)
  latestRun.current = run
  const isThere = program !== undefined
  useEffect(() => {
    if (!isThere) return
    let gone = false
    const key = `${host}/${name}`
    const draft = drafts.get(key)
    known.current = source
    // The editor is the largest part of the page: who does not write need not wait for it.
    void import('./editor.ts').then(({ makeEditor }) => {
      if (gone || place.current === null) return
      const text = draft?.of === known.current ? draft.text : known.current
      editor.current = makeEditor(place.current, text, () => latestRun.current())
    })
    return () => {
      gone = true
      const text = editor.current?.text()
      const of = sourceOf(latest(), host, name) ?? known.current
      if (text !== undefined) {
        if (text === of) drafts.delete(key)
        else drafts.set(key, { of, text })
      }
      editor.current?.close()
      editor.current = null
    }
  }, [host, name, isThere])
  useEffect(() => {
    // What was run just now, and is not shown yet, is known.
    const wanted = sourceOf(latest(), host, name)
    if (wanted === null || wanted === known.current) return
    known.current = wanted
    editor.current?.replace(wanted)
  }, [source])
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
