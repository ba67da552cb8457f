// Which octets of the inspected frame are marked, and whose they are.

import { signal } from '@preact/signals'
import type { DescribedField, DescribedLayer } from '../../../src/wire/describe-layer.ts'

export interface Mark {
  readonly start: number
  readonly end: number
  readonly layer: string
  /** '': a layer as a whole, or octets of none. */
  readonly field: string
  readonly value: string
}

export const NO_MARK: Mark = { start: 0, end: 0, layer: '', field: '', value: '' }

export const marked = signal<Mark>(NO_MARK)

export function markField(layer: DescribedLayer, { name, value, start, end }: DescribedField): void {
  marked.value = { start, end, layer: layer.layer, field: name, value }
}

export function markLayer({ layer, start, end }: DescribedLayer): void {
  marked.value = { start, end, layer, field: '', value: `${end - start} octets` }
}

/** Marks the field that an octet is of: the shortest of those that share it. */
export function markOctet(layers: readonly DescribedLayer[], at: number): void {
  let best: Mark = { ...NO_MARK, start: at, end: at + 1 }
  let least = Number.POSITIVE_INFINITY
  for (const { layer, fields } of layers) {
    for (const { name, value, start, end } of fields) {
      if (at < start || at >= end || end - start >= least) continue
      least = end - start
      best = { start, end, layer, field: name, value }
    }
  }
  marked.value = best
}

export function isMarked(layer: DescribedLayer, { name, start, end }: DescribedField): boolean {
  const { value } = marked
  return value.start === start && value.end === end && value.field === name && value.layer === layer.layer
}
