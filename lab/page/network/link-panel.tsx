import { signal } from '@preact/signals'
import type { Impairment } from '../../../src/device/impairment.ts'
import { readScenario, type Scenario, type ScenarioLink } from '../../engine/scenario.ts'
import { Hint } from '../lessons/hint.tsx'
import { Field } from '../parts/field.tsx'
import { linkAt, NO_RATE, withAddress, withCondition, withLink } from '../state/scenario-edits.ts'
import { act, addresses, change, latest, now, scenario } from '../state/store.ts'

type Condition = keyof Impairment | 'mtu'

const CONDITIONS = [
  ['delay', 'Delay', 'ms', 1],
  ['jitter', 'Jitter', '± ms', 1],
  ['rate', 'Rate', 'Mbit/s', 1e6],
  ['loss', 'Loss', '%', 0.01],
  ['duplicate', 'Duplicated', '%', 0.01],
  ['reorder', 'Out of order', '%', 0.01],
  ['corrupt', 'Damaged', '%', 0.01],
  ['queue', 'Queue', 'octets, with a rate', 1],
  ['mtu', 'MTU', 'octets', 1],
] as const

/** Whether changes of a link hold for the whole run, or from this moment on. */
const since = signal<'beginning' | 'now'>('beginning')

/** A link: its addresses, how it is, and cut and mended by hand. */
export function LinkPanel({ place }: { place: number }) {
  const link = scenario.value.links[place]
  if (link === undefined) return <Hint />
  const at = now.value
  const current = linkAt(scenario.value, place, at)
  const fromNow = since.value === 'now'
  const shown: Impairment & { readonly mtu?: number } = fromNow ? current : link
  const changed = (key: Condition, value: number | undefined): Scenario =>
    fromNow
      ? { ...latest(), acts: [...latest().acts, { at, link: place, conditions: asAct(key, value) }] }
      : withLink(latest(), place, withCondition(latest().links[place] ?? link, key, value))
  return (
    <div class="link-panel" key={place}>
      <h2>
        {link.between.join(' — ')} <small>link{current.up ? '' : ', cut'}</small>
      </h2>
      <h3>Addresses</h3>
      {link.between.map((end, side) => (
        <Address key={end} place={place} link={link} end={end} side={side} />
      ))}
      <h3>How it is</h3>
      <fieldset class="from">
        <legend>Changes hold</legend>
        <label>
          <input type="radio" name="since" checked={!fromNow} onChange={() => (since.value = 'beginning')} /> from the
          beginning
        </label>
        <label>
          <input type="radio" name="since" checked={fromNow} onChange={() => (since.value = 'now')} /> from now on
        </label>
        <p>
          {fromNow
            ? `The run goes on; at ${(at / 1000).toFixed(3)} s the link becomes another.`
            : 'The scenario becomes another, and the run begins anew.'}
        </p>
      </fieldset>
      {CONDITIONS.map(([key, title, unit, scale]) => (
        <Field
          key={key}
          label={title}
          unit={unit}
          kind="number"
          value={valueText(key, shown[key], scale)}
          check={(text) => problem(changed(key, read(text, scale)))}
          take={(text) => {
            const value = read(text, scale)
            if (fromNow) act({ at: now.value, link: place, conditions: asAct(key, value) })
            else change(changed(key, value))
          }}
        />
      ))}
      <p class="cut">
        {current.up ? (
          <button type="button" onClick={() => act({ at: now.value, link: place, up: false })}>
            Cut it now
          </button>
        ) : (
          <button type="button" onClick={() => act({ at: now.value, link: place, up: true })}>
            Mend it now
          </button>
        )}
      </p>
    </div>
  )
}

function Address({ place, link, end, side }: { place: number; link: ScenarioLink; end: string; side: number }) {
  if (scenario.value.nodes.find(({ name }) => name === end)?.kind === 'switch') {
    return (
      <div class="value">
        <span>{end}</span>
        <small>a switch has none</small>
      </div>
    )
  }
  const given = addresses.value.find((one) => one.link === place && one.end === side)?.addresses ?? []
  const changed = (text: string) => withLink(latest(), place, withAddress(latest().links[place] ?? link, end, text))
  return (
    <Field
      label={end}
      value={link.address?.[end] ?? ''}
      placeholder={given[0] ?? ''}
      unit={link.address?.[end] === undefined ? 'given' : 'chosen'}
      check={(text) => problem(changed(text))}
      take={(text) => change(changed(text))}
    />
  )
}

/** Why a scenario cannot be, without the place of the field, at which it is told; '': it can be. */
function problem(changed: Scenario): string {
  try {
    readScenario(changed)
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^(links|acts)\[\d+\]\.(conditions\.)?/, '')
  }
}

function read(text: string, scale: number): number | undefined {
  return text === '' ? undefined : Number((Number(text) * scale).toPrecision(12))
}

/** What an act leaves out stays as it was: what is to be no more is nothing, or no limit. */
function asAct(key: Condition, value: number | undefined): Impairment & { readonly mtu?: number } {
  if (value !== undefined) return { [key]: value }
  return { [key]: key === 'rate' ? NO_RATE : key === 'mtu' ? 1500 : key === 'queue' ? 262_144 : 0 }
}

function valueText(key: Condition, value: number | Impairment['burst'], scale: number): string {
  if (typeof value !== 'number' || (key === 'rate' && value >= NO_RATE)) return ''
  return String(Number((value / scale).toPrecision(6)))
}
