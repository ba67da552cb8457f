import { live, scenario, select } from '../state/store.ts'
import { Invitation } from './invitation.tsx'

export function Hint() {
  const { programs } = scenario.value
  return (
    <div class="hint">
      {live.value === null ? <Invitation /> : null}
      <h2>{scenario.value.name}</h2>
      {live.value === null ? (
        <p>Run it, or step from packet to packet. Choose a frame, a host, a link or a program to see all of it.</p>
      ) : (
        <p>
          A program that runs, watched as it goes on. Choose a packet, its connection or the program to see all of it.
        </p>
      )}
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
