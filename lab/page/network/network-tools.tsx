import { addNode, beginWire, removeSelected, wire } from '../state/canvas-state.ts'
import { actText, withoutAct } from '../state/scenario-edits.ts'
import { change, latest, redo, redoable, scenario, selection, undo, undoable } from '../state/store.ts'

/** What changes the network as a whole; what was done by hand, and back. */
export function NetworkTools() {
  const { value } = selection
  return (
    <div class="tools" role="toolbar" aria-label="Change the network">
      {(['host', 'router', 'switch'] as const).map((kind) => (
        <button type="button" key={kind} onClick={() => addNode(kind)}>
          + {kind}
        </button>
      ))}
      <button
        type="button"
        disabled={value.kind !== 'node'}
        aria-pressed={wire.value !== null}
        title="Then choose the other end (L)"
        onClick={() => {
          if (wire.value !== null || value.kind !== 'node') wire.value = null
          else beginWire(value.name)
        }}
      >
        Link…
      </button>
      <button
        type="button"
        disabled={value.kind !== 'node' && value.kind !== 'link'}
        title="What is selected (Delete)"
        onClick={removeSelected}
      >
        Remove
      </button>
      <button type="button" disabled={!undoable.value} aria-label="Undo" title="Undo (Ctrl-Z)" onClick={undo}>
        ↶
      </button>
      <button type="button" disabled={!redoable.value} aria-label="Redo" title="Redo (Ctrl-Shift-Z)" onClick={redo}>
        ↷
      </button>
      <ActList />
    </div>
  )
}

/** What was done by hand so far: each can be taken back. */
function ActList() {
  const { acts } = scenario.value
  if (acts.length === 0) return null
  return (
    <details class="acts">
      <summary>By hand: {acts.length}</summary>
      <ol>
        {acts.map((act, i) => (
          <li key={`${i} ${actText(act, scenario.value)}`}>
            <span>{actText(act, scenario.value)}</span>
            <button
              type="button"
              aria-label={`Take back: ${actText(act, scenario.value)}`}
              onClick={() => change(withoutAct(latest(), i))}
            >
              Take back
            </button>
          </li>
        ))}
      </ol>
    </details>
  )
}
