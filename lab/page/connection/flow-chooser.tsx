import { connections, type EndLog, endLog } from '../state/flow-log.ts'
import { otherWay, select, selectedFlow } from '../state/store.ts'
import './flow-chooser.css'

/** The connection that is looked at: of what is selected, else the first; null: there is none. */
export function shownFlow(): EndLog | null {
  const flow = selectedFlow.value
  const all = connections()
  return all.find(({ ends }) => ends === flow || ends === otherWay(flow)) ?? all[0] ?? null
}

/** All connections, to choose from: what is chosen is selected everywhere. */
export function FlowChooser({ flow }: { flow: EndLog }) {
  const all = connections()
  return (
    <label class="flow-chooser">
      <span>Connection</span>
      <select
        value={flow.ends}
        onChange={(event) => {
          const chosen = all.find(({ ends }) => ends === event.currentTarget.value)
          if (chosen !== undefined) select({ kind: 'flow', host: chosen.host, ends: chosen.ends })
        }}
      >
        {all.map(({ ends }) => (
          <option key={ends} value={ends}>
            {flowName(ends)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** "alice :60169 ↔ bob :12000": hosts where they are known. */
export function flowName(ends: string): string {
  return [ends, otherWay(ends)].map(endName).join(' ↔ ')
}

/** "alice :60169" for "10.0.1.1:60169 10.0.1.2:80". */
export function endName(ends: string): string {
  const [here = ''] = ends.split(' ')
  const cut = here.lastIndexOf(':')
  return `${endLog(ends)?.host ?? here.slice(0, cut)} ${here.slice(cut)}`
}
