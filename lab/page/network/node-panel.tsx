import { SocketsTable } from '../connection/sockets-table.tsx'
import { Hint } from '../lessons/hint.tsx'
import { ProgramMenu } from '../programs/program-menu.tsx'
import { view } from '../state/shown-view.ts'
import { addresses, scenario, select } from '../state/store.ts'
import { NodeForm, NodeHands } from './node-form.tsx'

/** A host, a router or a switch: its addresses, its programs and its sockets. */
export function NodePanel({ name }: { name: string }) {
  const node = scenario.value.nodes.find((one) => one.name === name)
  if (node === undefined) return <Hint />
  const own = addresses.value.filter((end) => end.name.split('.')[0] === name)
  const programs = scenario.value.programs.filter(({ host }) => host === name)
  return (
    <div class="node-panel">
      <h2>
        {name} <small>{node.kind}</small>
      </h2>
      <NodeForm key={name} node={node} />
      <ul class="plain addresses">
        {own.map((end) => (
          <li key={end.name}>
            <code>{end.name.split('.')[1]}</code> {end.addresses.join(', ')}
          </li>
        ))}
      </ul>
      {node.kind === 'switch' ? null : (
        <>
          <NodeHands name={name} />
          <h3>Programs</h3>
          <ul class="plain">
            {programs.map((program) => (
              <li key={program.name}>
                <button type="button" onClick={() => select({ kind: 'program', host: name, name: program.name })}>
                  {program.name}
                </button>
              </li>
            ))}
            <li>
              <ProgramMenu host={name} />
            </li>
            <li>
              <button
                type="button"
                onClick={() => {
                  view.value = 'terminal'
                }}
              >
                Terminal
              </button>
            </li>
          </ul>
          <h3>Sockets</h3>
          <SocketsTable host={name} />
        </>
      )}
    </div>
  )
}
