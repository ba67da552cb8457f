// What is under way on the canvas of the network: a node that is dragged, a link that is drawn, a frame that is held.

import { signal } from '@preact/signals'
import type { NodeKind, ScenarioNode } from '../../engine/scenario.ts'
import { connected, freeName, withNode, withoutLink, withoutNode } from './scenario-edits.ts'
import { change, latest, scenario, select, selection } from './store.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Frame extends Point {
  readonly width: number
  readonly height: number
}

/** Where a node is while it is dragged. */
export const dragged = signal<(Point & { readonly name: string }) | null>(null)
/** The link that is being drawn: from a node to a point, or to a node where one is there. */
export const wire = signal<{ readonly from: string; readonly at: Point; readonly to: string } | null>(null)
/** The frame whose hands are open at the canvas; 0: none's. `keys`: it was opened by the keyboard. */
export const held = signal<{ readonly number: number; readonly keys: boolean }>({ number: 0, keys: false })
/** Where a menu of what may be added stands; null: it is closed. */
export const menu = signal<Point | null>(null)
/** Said to those who do not see the canvas. */
export const said = signal('')

const MARGIN = { x: 90, top: 60, bottom: 110 }
const LEAST = { width: 620, height: 320 }

/** The part of the plane in which the nodes lie. */
export function frameOf(nodes: readonly ScenarioNode[]): Frame {
  const xs = nodes.length === 0 ? [LEAST.width / 2] : nodes.map(({ x }) => x)
  const ys = nodes.length === 0 ? [LEAST.height / 2] : nodes.map(({ y }) => y)
  const [left, right] = [Math.min(...xs) - MARGIN.x, Math.max(...xs) + MARGIN.x]
  const [top, bottom] = [Math.min(...ys) - MARGIN.top, Math.max(...ys) + MARGIN.bottom]
  const width = Math.max(right - left, LEAST.width)
  const height = Math.max(bottom - top, LEAST.height)
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height }
}

export function placeOf(name: string): Point {
  if (dragged.value?.name === name) return dragged.value
  return scenario.value.nodes.find((node) => node.name === name) ?? { x: 0, y: 0 }
}

/** The node at a point; '': none is there. */
export function nodeAt({ x, y }: Point): string {
  const near = (node: ScenarioNode) => Math.hypot(node.x - x, node.y - y) < 42
  return scenario.value.nodes.find(near)?.name ?? ''
}

export function pointIn(picture: SVGSVGElement, event: { readonly clientX: number; readonly clientY: number }): Point {
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM()?.inverse())
  return { x, y }
}

/** Adds a node, where it does not lie on another. */
export function addNode(kind: NodeKind, at?: Point): void {
  const { nodes } = latest()
  const { x, y, width, height } = frameOf(nodes)
  let place = at ?? { x: x + width / 2, y: y + height / 2 - 20 }
  while (nodes.some((node) => Math.hypot(node.x - place.x, node.y - place.y) < 90))
    place = { x: place.x + 100, y: place.y }
  const name = freeName(latest(), kind)
  change(withNode(latest(), { name, kind, x: Math.round(place.x), y: Math.round(place.y) }))
  select({ kind: 'node', name })
  said.value = `${name} was added`
}

/** Takes away the node or link that is selected. */
export function removeSelected(): void {
  const { value } = selection
  if (value.kind === 'link') change(withoutLink(latest(), value.link))
  else if (value.kind === 'node') change(withoutNode(latest(), value.name))
  else return
  said.value = value.kind === 'link' ? 'the link was removed' : `${value.name} was removed`
  select({ kind: 'nothing' })
  document.getElementById('canvas')?.focus()
}

export function beginWire(from: string): void {
  wire.value = { from, at: placeOf(from), to: '' }
  said.value = `A link from ${from}: choose the other end by the arrows, then press Enter`
}

/** The link's other end becomes the next node in a direction. */
export function aimWire(dx: number, dy: number): void {
  const { value } = wire
  if (value === null) return
  const to = neighbour(value.to === '' ? value.from : value.to, value.from, dx, dy)
  if (to === '') return
  wire.value = { ...value, to, at: placeOf(to) }
  said.value = `to ${to}`
}

export function endWire(): void {
  const { value } = wire
  wire.value = null
  if (value === null || value.to === '' || value.to === value.from) return
  const place = latest().links.length
  change(connected(latest(), value.from, value.to))
  select({ kind: 'link', link: place })
  said.value = `${value.from} and ${value.to} are connected`
}

/** The node that is nearest in a direction, sideways counting double; '': there is none. */
export function neighbour(of: string, not: string, dx: number, dy: number): string {
  const from = placeOf(of)
  let best = ''
  let least = Number.POSITIVE_INFINITY
  for (const { name, x, y } of scenario.value.nodes) {
    const along = (x - from.x) * dx + (y - from.y) * dy
    const aside = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx)
    if (name === of || name === not || along <= 0) continue
    if (along + 2 * aside < least) {
      least = along + 2 * aside
      best = name
    }
  }
  return best
}

/** Which way an arrow key leads; null: it is none. */
export function directionOf(key: string): readonly [number, number] | null {
  return ARROWS[key] ?? null
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
