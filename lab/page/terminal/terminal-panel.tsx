import { computed, effect, signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { COMMANDS } from '../../commands/names.ts'
import { complete } from '../programs/completion.ts'
import { output, playing, scenario, selection, version } from '../state/store.ts'
import { type TerminalLine, terminalLines } from './terminal-lines.ts'
import { busy, forgetTyped, interrupt, run, typedLines, typeTo, wasTyped } from './terminals.ts'
import './terminal-panel.css'

/** Lines that are drawn: the last ones. */
const LINES = 1000

const hosts = computed(() => scenario.value.nodes.filter(({ kind }) => kind !== 'switch').map(({ name }) => name))
const chosen = signal('')
/** Where a terminal begins after it was cleared: at the first line that was not there. */
const cleared = signal<ReadonlyMap<string, number>>(new Map())

// Who looks at a host and opens a terminal means that of this host.
effect(() => {
  const { value } = selection
  if (value.kind === 'node' || value.kind === 'program') chosen.value = value.kind === 'node' ? value.name : value.host
})

/** The terminals of hosts, one of which is shown. */
export function TerminalPanel() {
  version.value
  const names = hosts.value
  const host = names.includes(chosen.value) ? chosen.value : (names[0] ?? '')
  if (host === '') return <p class="empty">There is no host whose terminal this could be.</p>
  return (
    <div class="tty">
      <div class="tty-bar">
        <div class="tty-hosts" role="group" aria-label="Terminal of">
          {names.map((name) => (
            <button
              type="button"
              key={name}
              aria-pressed={name === host}
              onClick={() => {
                chosen.value = name
              }}
            >
              {name}
              {busy.value.has(name) ? <i title={`${busy.value.get(name)} runs`} /> : null}
            </button>
          ))}
        </div>
        {wasTyped() ? (
          <button
            type="button"
            class="quiet"
            title="Begin anew without what was typed in terminals"
            onClick={forgetTyped}
          >
            Forget all
          </button>
        ) : null}
      </div>
      <Shell key={host} host={host} />
    </div>
  )
}

function Shell({ host }: { host: string }) {
  const all = terminalLines(output, host)
  const from = cleared.value.get(host) ?? 0
  // A run that has begun anew has fewer lines than were cleared.
  const lines = all.slice(from > all.length ? 0 : from)
  const command = busy.value.get(host) ?? null
  const paper = useRef<HTMLDivElement>(null)
  const line = useRef<HTMLInputElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    const { current } = paper
    if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight
  }, [lines.length, lines.at(-1)?.text, command])
  const clear = () => {
    cleared.value = new Map(cleared.value).set(host, all.length)
  }
  const shown = lines.slice(-LINES)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click into the paper is one into its line, which has the keyboard by itself.
    <div
      class="tty-paper"
      ref={paper}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 8
      }}
      onClick={() => {
        if (getSelection()?.isCollapsed !== false) line.current?.focus({ preventScroll: true })
      }}
    >
      {all.length === 0 ? <Greeting host={host} /> : null}
      <div role="log" aria-label={`Terminal of ${host}`}>
        {shown.map((one, i) => (
          <Line key={i} host={host} line={one} />
        ))}
      </div>
      <Prompt host={host} command={command} line={line} clear={clear} />
    </div>
  )
}

function Greeting({ host }: { host: string }) {
  const other = hosts.value.find((name) => name !== host) ?? 'localhost'
  const start = `ping -c 3 ${other}`
  return (
    <p class="tty-greeting">
      {Object.keys(COMMANDS).slice(0, 6).join(', ')}: on the host's own stack, in the run's own time.{' '}
      <button type="button" onClick={() => run(host, start)}>
        {start}
      </button>{' '}
      {playing.value ? '' : 'The run plays at real time until a command has ended.'}
    </p>
  )
}

function Line({ host, line: { kind, text, at } }: { host: string; line: TerminalLine }) {
  if (kind !== 'command') return <div class={`tty-line ${kind}`}>{text === '' ? ' ' : text}</div>
  return (
    <div class="tty-line command">
      <span class="tty-prompt">{host}$ </span>
      {text}
      <small>{(at / 1000).toFixed(3)} s</small>
    </div>
  )
}

interface PromptProps {
  readonly host: string
  /** What runs; null: the line is a command. */
  readonly command: string | null
  readonly line: { current: HTMLInputElement | null }
  readonly clear: () => void
}

function Prompt({ host, command, line, clear }: PromptProps) {
  /** How far back among the lines that were typed; 0: the one that is being typed. */
  const back = useRef(0)
  const set = (text: string) => {
    if (line.current !== null) line.current.value = text
  }
  const enter = () => {
    const text = line.current?.value ?? ''
    set('')
    back.current = 0
    if (command !== null) typeTo(host, `${text}\n`)
    else if (text.trim() === 'clear') clear()
    else if (text.trim() !== '') run(host, text.trim())
  }
  const recall = (step: number) => {
    const lines = typedLines.get(host) ?? []
    const next = Math.min(lines.length, Math.max(0, back.current + step))
    if (next === back.current) return
    back.current = next
    set(lines[lines.length - next] ?? '')
  }
  const end = () => {
    if (command === null) return
    typeTo(host, `${line.current?.value ?? ''}\x04`)
    set('')
  }
  const stop = () => {
    set('')
    if (command !== null) interrupt(host)
  }
  const control = (key: string): boolean => {
    if (key === 'c' && (getSelection()?.isCollapsed !== false || command !== null)) stop()
    else if (key === 'd') end()
    else if (key === 'l') clear()
    else if (key === 'u') set('')
    else return false
    return true
  }
  const press = (event: KeyboardEvent): boolean => {
    if (event.ctrlKey && !event.altKey && !event.metaKey) return control(event.key)
    if (event.key === 'Enter' && !event.isComposing) enter()
    else if (event.key === 'ArrowUp') recall(1)
    else if (event.key === 'ArrowDown') recall(-1)
    else if (event.key === 'Tab' && !event.shiftKey) return tab()
    else return false
    return true
  }
  // Where there is nothing to complete, the key leads on as everywhere.
  const tab = (): boolean => {
    const text = line.current?.value ?? ''
    if (command !== null || text === '') return false
    const completed = complete(text, Object.keys(COMMANDS), hosts.value)
    if (completed === text) return false
    set(completed)
    return true
  }
  return (
    <div class="tty-entry">
      {command === null ? <span class="tty-prompt">{host}$ </span> : null}
      <input
        ref={line}
        type="text"
        aria-label={command === null ? `Command on ${host}` : `Input of ${command} on ${host}`}
        placeholder={command === null ? '' : `${command} runs: type to it`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="send"
        maxLength={900}
        onKeyDown={(event) => {
          // The page has keys of its own, such as the space bar's.
          event.stopPropagation()
          if (press(event)) event.preventDefault()
        }}
      />
      {command === null ? null : (
        <span class="tty-keys">
          <button type="button" title="Interrupt it (Ctrl-C)" onClick={stop}>
            Ctrl-C
          </button>
          <button type="button" title="End its input (Ctrl-D)" onClick={end}>
            Ctrl-D
          </button>
        </span>
      )}
    </div>
  )
}
