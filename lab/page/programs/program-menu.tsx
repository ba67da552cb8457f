import { signal } from '@preact/signals'
import type { ExampleProgram } from '../../examples/index.ts'
import { change, latest, select } from '../state/store.ts'
import './program-menu.css'

/** The programs to start from, once they have been loaded. */
const offered = signal<readonly ExampleProgram[]>([])

/** A new program on a host: an empty one, or one to start from. */
export function ProgramMenu({ host }: { host: string }) {
  return (
    <details class="program-menu" onToggle={() => void offer()}>
      <summary class="button">+ Program</summary>
      <ul>
        <li>
          <button type="button" onClick={() => add(host, 'program', START)}>
            Empty
          </button>
        </li>
        {offered.value.map(({ title, name, source }) => (
          <li key={title}>
            <button type="button" onClick={() => add(host, name, source)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}

async function offer(): Promise<void> {
  if (offered.value.length === 0) offered.value = (await import('../../examples/index.ts')).EXAMPLE_PROGRAMS
}

function add(host: string, wanted: string, source: string): void {
  const { programs } = latest()
  const taken = (name: string) => programs.some((one) => one.host === host && one.name === name)
  let name = wanted
  for (let count = 2; taken(name); count++) name = `${wanted}${count}`
  change({ programs: [...programs, { host, name, source }] })
  select({ kind: 'program', host, name })
}

const START = `// The same text runs on a real machine, where \`os\` is its operating system.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

console.log('hello')
`
