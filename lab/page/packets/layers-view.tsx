import { signal } from '@preact/signals'
import type { DescribedField, DescribedLayer } from '../../../src/wire/describe-layer.ts'
import type { InspectedFrame } from '../../engine/lab-run.ts'
import { ChecksumView } from './checksum-view.tsx'
import { hasChecksum } from './checksum-work.ts'
import { bitsOf, noteOf } from './field-notes.ts'
import { isMarked, marked, markField, markLayer } from './octet-mark.ts'
import { OctetsView } from './octets-view.tsx'
import './layers-view.css'

/** Whether every field has its note beneath it. */
const explained = signal(false)

/** What a number of a field is beside its value: "relative 42"; '' where there is nothing to say. */
export type Aside = (layer: string, field: DescribedField) => string

/** A frame layer by layer: one in the other, field by field with its notes, and its octets. */
export function LayersView({ frame, aside }: { frame: InspectedFrame; aside: Aside }) {
  const { layers, bytes } = frame
  return (
    <div class="layers">
      <Shells layers={layers} place={0} />
      <p class="explain">
        <label>
          <input
            type="checkbox"
            checked={explained.value}
            onChange={() => {
              explained.value = !explained.value
            }}
          />{' '}
          Explain every field
        </label>
      </p>
      {layers.map((layer, place) => (
        <details key={`${layer.layer} ${layer.start}`} open={place > 0} class={`layer ${colourOf(layer)}`}>
          <summary onMouseEnter={() => markLayer(layer)} onFocus={() => markLayer(layer)}>
            {layer.layer} <small>{layer.end - layer.start} octets</small>
          </summary>
          <dl onKeyDown={walk}>
            {layer.fields.map((field, i) => (
              <Field
                key={`${field.name} ${field.start} ${i}`}
                layer={layer}
                field={field}
                first={i === 0}
                bytes={bytes}
                aside={aside(layer.layer, field)}
              />
            ))}
          </dl>
          {hasChecksum(layer) ? <ChecksumView bytes={bytes} layers={layers} place={place} /> : null}
        </details>
      ))}
      <div class="dock">
        <Note bytes={bytes} />
        <OctetsView frame={frame} />
      </div>
    </div>
  )
}

interface FieldOptions {
  readonly layer: DescribedLayer
  readonly field: DescribedField
  readonly first: boolean
  readonly bytes: Uint8Array
  readonly aside: string
}

function Field({ layer, field, first, bytes, aside }: FieldOptions) {
  const note = noteOf(layer.layer, field.name, field.value)
  const bits = bitsOf(layer.layer, field.name, bytes.subarray(field.start, field.end))
  const mark = () => markField(layer, field)
  return (
    <div
      class={isMarked(layer, field) ? 'field marked' : 'field'}
      tabIndex={first ? 0 : -1}
      onMouseEnter={mark}
      onFocus={mark}
      onClick={mark}
      onKeyDown={() => {}}
    >
      <dt>{field.name}</dt>
      <dd>
        {field.value}
        {aside === '' ? null : <i> {aside}</i>}
        {bits === '' ? null : <code class="bits">{bits}</code>}
      </dd>
      {explained.value && note !== null ? (
        <dd class="note">
          {note[0]} <cite>{note[1]}</cite>
        </dd>
      ) : null}
    </div>
  )
}

/** What is marked, in a line that stays where it is. */
function Note({ bytes }: { bytes: Uint8Array }) {
  const { layer, field, value, start, end } = marked.value
  if (layer === '') return <p class="pointed">Point at a field or an octet: each shows where the other is.</p>
  const note = noteOf(layer, field, value)
  const bits = bitsOf(layer, field, bytes.subarray(start, end))
  return (
    <p class="pointed">
      <strong>
        {layer}
        {field === '' ? '' : ` ${field}`}
      </strong>{' '}
      <code>
        {value}
        {bits === '' ? '' : ` = ${bits}`}
      </code>{' '}
      {note === null ? null : (
        <>
          {note[0]} <cite>{note[1]}</cite>
        </>
      )}
    </p>
  )
}

/** Each layer in the one below it, with its octets. */
function Shells({ layers, place }: { layers: readonly DescribedLayer[]; place: number }) {
  const layer = layers[place]
  if (layer === undefined) return null
  return (
    <div
      class={`wrapped ${colourOf(layer)}${marked.value.layer === layer.layer ? ' here' : ''}`}
      onMouseEnter={() => markLayer(layer)}
    >
      <span>
        {layer.layer} <small>{layer.end - layer.start}</small>
      </span>
      <Shells layers={layers} place={place + 1} />
    </div>
  )
}

function colourOf({ layer }: DescribedLayer): string {
  const name = layer.replace(/^quoted /, '').toLowerCase()
  if (name.startsWith('tcp')) return 'of-tcp'
  if (name.startsWith('udp') || name.startsWith('dhcp')) return 'of-udp'
  if (name.startsWith('icmp') || name === 'ndp option' || name === 'igmp') return 'of-icmp'
  if (name === 'arp') return 'of-arp'
  if (name === 'data') return 'of-data'
  return name.startsWith('ip') ? 'of-ip' : 'of-link'
}

/** Arrows go from field to field, so that each layer is one place for the tabulator. */
function walk(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const fields = [...event.currentTarget.querySelectorAll<HTMLElement>('.field')]
  const next = fields[fields.indexOf(document.activeElement as HTMLElement) + step]
  if (next === undefined) return
  event.preventDefault()
  event.stopPropagation()
  next.focus()
}
