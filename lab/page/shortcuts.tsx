import { useEffect, useRef } from 'preact/hooks'
import { isForPage, type KeyAction, keyOf, keyText } from './keys.ts'
import { holdNext } from './network/frame-popover.tsx'
import { chooseNext } from './packets/packet-list.tsx'
import { held, menu, removeSelected, wire } from './state/canvas-state.ts'
import { view } from './state/shown-view.ts'
import { frames, now, pause, play, playing, rate, redo, seek, select, setRate, step, undo } from './state/store.ts'
import { VIEWS } from './views.ts'
import './shortcuts.css'

const FASTEST = 10
const SLOWEST = 1e-5

const KEYS: readonly KeyAction[] = [
  { key: 'space', group: 'Time', text: 'Run or pause', run: () => (playing.value ? pause() : play()) },
  { key: 'Home', group: 'Time', text: 'To the beginning', run: () => seek(0) },
  { key: '.', group: 'Time', text: 'The next thing that happens', run: () => step('event') },
  { key: 'ArrowRight', group: 'Time', text: 'The next packet that leaves or arrives', run: () => step('frame') },
  { key: 'Shift+ArrowRight', group: 'Time', text: 'A round trip', run: () => step('trip') },
  { key: 'ArrowLeft', group: 'Time', text: 'Back to where a packet left before', run: back },
  { key: '[', group: 'Time', text: 'Slower', run: () => setRate(Math.max(SLOWEST, rate.value / 10 ** 0.25)) },
  { key: ']', group: 'Time', text: 'Faster', run: () => setRate(Math.min(FASTEST, rate.value * 10 ** 0.25)) },
  { key: 'j', group: 'Packets', text: 'The next in the list', run: () => chooseNext(1) },
  { key: 'k', group: 'Packets', text: 'The one before', run: () => chooseNext(-1) },
  { key: '/', group: 'Packets', text: 'Filter', run: filter },
  { key: 'f', group: 'Packets', text: 'Select the next frame that is under way', run: holdNext },
  { key: 'Delete', group: 'Network', text: 'Remove what is selected', run: removeSelected },
  { key: 'Ctrl+z', group: 'Network', text: 'Undo', run: undo },
  { key: 'Ctrl+Shift+z', group: 'Network', text: 'Redo', run: redo },
  ...VIEWS.map(
    ({ name, title }, i): KeyAction => ({ key: String(i + 1), group: 'Page', text: title, run: () => show(name) }),
  ),
  { key: 'Escape', group: 'Page', text: 'Close, or select nothing', run: away },
  { key: '?', group: 'Page', text: 'These keys', run: openShortcuts },
]

/** What a node of the network does with keys while it has the focus. */
const AT_NODE = [
  ['arrows', 'Move the node that has the focus (with Shift: a little)'],
  ['L', 'Connect that node: arrows choose the other end, Enter takes it'],
  ['Enter', 'Select that node'],
  ['F2', 'Rename that node'],
] as const

function back(): void {
  const before = frames.findLast((frame) => frame !== undefined && frame.at < now.value)
  seek(before?.at ?? 0)
}

function show(name: string): void {
  view.value = name
  document.getElementById(`tab-${name}`)?.focus()
}

function filter(): void {
  view.value = 'packets'
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('.filter')?.focus())
}

function away(): void {
  if (wire.value !== null) wire.value = null
  else if (menu.value !== null) menu.value = null
  else if (held.value.number !== 0) held.value = { number: 0, keys: false }
  else select({ kind: 'nothing' })
}

export function openShortcuts(): void {
  document.querySelector<HTMLDialogElement>('.shortcuts')?.showModal()
}

/** Listens for keys; shows what they do when it is asked. */
export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const key = keyOf(event)
      if (event.defaultPrevented || !isForPage(key, event.target as Element | null)) return
      const action = KEYS.find((one) => one.key === key)
      if (action === undefined) return
      event.preventDefault()
      action.run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  return (
    <dialog class="shortcuts" ref={dialog} aria-labelledby="shortcuts-title">
      <header>
        <h2 id="shortcuts-title">Keys</h2>
        <button type="button" aria-label="Close" onClick={() => dialog.current?.close()}>
          ×
        </button>
      </header>
      <div class="columns">
        {(['Time', 'Packets', 'Network', 'Page'] as const).map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {KEYS.filter((one) => one.group === group).map(({ key, text }) => (
                <Line key={key} sign={keyText(key)} text={text} />
              ))}
              {group === 'Network' ? AT_NODE.map(([sign, text]) => <Line key={sign} sign={sign} text={text} />) : null}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  )
}

function Line({ sign, text }: { sign: string; text: string }) {
  return (
    <div>
      <dt>
        <kbd>{sign}</kbd>
      </dt>
      <dd>{text}</dd>
    </div>
  )
}
