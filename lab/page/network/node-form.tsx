import { type NodeKind, readScenario, type ScenarioNode } from '../../engine/scenario.ts'
import { Field } from '../parts/field.tsx'
import { isDown, renamed, withKind } from '../state/scenario-edits.ts'
import { act, change, latest, now, output, scenario, select, version } from '../state/store.ts'
import './node-form.css'

const KINDS: readonly NodeKind[] = ['host', 'router', 'switch']

/** What a node is called, and what it is. */
export function NodeForm({ node }: { node: ScenarioNode }) {
  const { name, kind } = node
  return (
    <div class="node-form">
      <Field
        label="Name"
        value={name}
        check={(text) => {
          try {
            readScenario(renamed(scenario.value, name, text))
            return ''
          } catch (error) {
            return (error as Error).message.replace(/^nodes\[\d+\]\./, '')
          }
        }}
        take={(text) => {
          change(renamed(latest(), name, text))
          select({ kind: 'node', name: text })
        }}
      />
      <div class="value">
        <label for="node-kind">Kind</label>
        <select
          id="node-kind"
          value={kind}
          onChange={(event) => change(withKind(latest(), name, event.currentTarget.value as NodeKind))}
        >
          {KINDS.map((one) => (
            <option key={one} value={one} selected={one === kind}>
              {one}
            </option>
          ))}
        </select>
      </div>
    </div>
  )
}

/** What can be done to a host while it runs. */
export function NodeHands({ name }: { name: string }) {
  version.value
  const down = isDown(scenario.value, name, now.value)
  const running = runningOn(name)
  return (
    <div class="hands" role="group" aria-label={`${name} by hand`}>
      {down ? null : (
        <button type="button" onClick={() => act({ at: now.value, host: name, crash: true })}>
          Crash it now
        </button>
      )}
      <button type="button" onClick={() => act({ at: now.value, host: name, restart: true })}>
        Restart it now
      </button>
      {running.map((program) => (
        <button key={program} type="button" onClick={() => act({ at: now.value, host: name, end: program })}>
          End {program} now
        </button>
      ))}
    </div>
  )
}

/** The programs of a host that have started and not ended. */
function runningOn(host: string): readonly string[] {
  const running = new Set<string>()
  for (const event of output) {
    if (event.host !== host || event.at > now.value) continue
    if (event.kind === 'started') running.add(event.program)
    else if (event.kind === 'ended' || event.kind === 'failed' || event.kind === 'stopped')
      running.delete(event.program)
  }
  return [...running]
}
