import type { ScenarioLink } from '../engine/scenario.ts'
import { Hint } from './hint.tsx'
import { act, change, now, scenario } from './store.ts'

const CONDITIONS = [
  ['delay', 'Delay', 'ms', 1],
  ['jitter', 'Jitter', 'ms', 1],
  ['rate', 'Rate', 'Mbit/s', 1e6],
  ['loss', 'Loss', '%', 0.01],
  ['mtu', 'MTU', 'octets', 1],
] as const

/** A link: how it is, and cut and mended by hand. */
export function LinkPanel({ place }: { place: number }) {
  const link = scenario.value.links[place]
  if (link === undefined) return <Hint />
  const set = (key: (typeof CONDITIONS)[number][0], value: number | undefined) => {
    const { [key]: _before, ...rest } = link
    const changed: ScenarioLink = value === undefined ? (rest as ScenarioLink) : { ...link, [key]: value }
    change({ links: scenario.value.links.map((one, i) => (i === place ? changed : one)) })
  }
  return (
    <div class="link-panel">
      <h2>
        {link.between.join(' — ')} <small>link</small>
      </h2>
      {CONDITIONS.map(([key, title, unit, scale]) => (
        <label key={key} class="condition">
          <span>{title}</span>
          <input
            type="number"
            min="0"
            step="any"
            value={link[key] === undefined ? '' : Number((link[key] / scale).toPrecision(6))}
            onChange={(event) => {
              const { value } = event.currentTarget
              set(key, value === '' ? undefined : Number(value) * scale)
            }}
          />
          <small>{unit}</small>
        </label>
      ))}
      <p>
        <button type="button" onClick={() => act({ at: now.value, link: place, up: false })}>
          Cut it now
        </button>{' '}
        <button type="button" onClick={() => act({ at: now.value, link: place, up: true })}>
          Mend it now
        </button>
      </p>
    </div>
  )
}
