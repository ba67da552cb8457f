import { Invitation } from './invitation.tsx'
import { scenario, select } from './store.ts'

export function Hint() {
  const { programs } = scenario.value
  return (
    <div class="hint">
      <Invitation />
      <h2>{scenario.value.name}</h2>
      <p>Run it, or step from packet to packet. Choose a frame, a host, a link or a program to see all of it.</p>
      <ul class="plain">
        {programs.map(({ host, name }) => (
          <li key={`${host}/${name}`}>
            <button type="button" onClick={() => select({ kind: 'program', host, name })}>
              {name} <small>on {host}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
