import type { NetstatEntry } from '../../../src/base/netstat-entry.ts'
import type { NodeKind, ScenarioNode } from '../../engine/scenario.ts'
import {
  aimWire,
  beginWire,
  directionOf,
  dragged,
  endWire,
  nodeAt,
  placeOf,
  pointIn,
  removeSelected,
  wire,
} from '../state/canvas-state.ts'
import { isDown } from '../state/scenario-edits.ts'
import { addresses, move, now, scenario, select, selection, sockets } from '../state/store.ts'

const SHAPES: Readonly<Record<NodeKind, string>> = {
  host: 'M-24 -20h48a3 3 0 0 1 3 3v26a3 3 0 0 1 -3 3h-48a3 3 0 0 1 -3 -3v-26a3 3 0 0 1 3 -3zM0 12v7M-11 19h22',
  router: 'M-25 0a25 25 0 1 0 50 0a25 25 0 1 0 -50 0',
  switch: 'M-27 -14h54a4 4 0 0 1 4 4v20a4 4 0 0 1 -4 4h-54a4 4 0 0 1 -4 -4v-20a4 4 0 0 1 4 -4z',
}

const SIGNS: Readonly<Record<NodeKind, string>> = {
  host: 'M-15 -9l6 5l-6 5M-5 2h9',
  router: 'M-5 0h-11m4 -4l-4 4l4 4M5 0h11m-4 -4l4 4l-4 4M0 -16v11m-4 -4l4 4l4 -4M0 16v-11m-4 4l4 -4l4 4',
  switch: 'M-17 -5h28m-5 -4l5 4l-5 4M17 5h-28m5 -4l-5 4l5 4',
}

/** Pixels that an arrow key moves a node by. */
const STEP = 10

type Picture = { readonly current: SVGSVGElement | null }

/** A host, a router or a switch on the canvas: what it is, what is open on it, and hands to move and connect it. */
export function NodeMark({ node, picture }: { node: ScenarioNode; picture: Picture }) {
  const { x, y } = placeOf(node.name)
  const chosen = selection.value.kind === 'node' && selection.value.name === node.name
  const own = addresses.value.filter(({ name }) => name.split('.')[0] === node.name).flatMap((end) => end.addresses)
  const address = `${own[0]?.split('/')[0] ?? ''}${own.length > 1 ? ` +${own.length - 1}` : ''}`
  const down = isDown(scenario.value, node.name, now.value)
  const badges = down ? [] : badgesOf(sockets.value[node.name] ?? [])
  const wired = wire.value?.from === node.name || wire.value?.to === node.name
  const shown = [node.name, address, ...badges].filter((text) => text !== '').join(' ')
  return (
    <g
      class={`node ${node.kind}${chosen ? ' chosen' : ''}${wired ? ' linking' : ''}${down ? ' down' : ''}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      aria-label={`${shown}, ${node.kind}${down ? ', down' : ''}`}
      onClick={(event) => {
        event.stopPropagation()
        choose(node.name)
      }}
      onKeyDown={(event) => press(event, node)}
      onPointerDown={(event) => drag(event, node, picture.current)}
    >
      <circle class="halo" r="37" />
      <path class="shape" d={SHAPES[node.kind]} />
      <path class="sign" d={SIGNS[node.kind]} />
      {down ? <path class="cross" d="M-20 -20L20 20M20 -20L-20 20" /> : null}
      <text class="name" y="42" text-anchor="middle">
        {node.name}
      </text>{' '}
      <text class="address" y="57" text-anchor="middle">
        {address}
      </text>{' '}
      {badges.map((text, i) => (
        <Badge key={text} text={text} y={72 + 17 * i} />
      ))}
      <g
        class="handle"
        aria-hidden="true"
        transform="translate(33 -27)"
        onPointerDown={(event) => drawWire(event, node.name, picture.current)}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={() => {}}
      >
        <circle class="touch" r="15" />
        <circle r="9" />
        <path d="M-4.5 0h9M0 -4.5v9" />
      </g>
    </g>
  )
}

function Badge({ text, y }: { text: string; y: number }) {
  const width = text.length * 6.1 + 12
  return (
    <g class={`badge ${text.startsWith('LISTEN') ? 'listen' : ''}`} transform={`translate(0 ${y})`}>
      <rect x={-width / 2} y="-8" width={width} height="15" rx="7.5" />
      <text text-anchor="middle" y="3.5">
        {/* The space is read between two of them, and takes no room. */}
        {`${text} `}
      </text>
    </g>
  )
}

/** What is open on a host, in few words: "LISTEN :12000", "ESTABLISHED 2". */
export function badgesOf(rows: readonly NetstatEntry[]): readonly string[] {
  const listening = new Set<string>()
  const counts = new Map<string, number>()
  for (const { state, protocol, localPort } of rows) {
    if (state === 'LISTEN') listening.add(`LISTEN :${localPort}`)
    else if (protocol.startsWith('tcp') && state !== '' && state !== 'CLOSED')
      counts.set(state, (counts.get(state) ?? 0) + 1)
    else if (protocol.startsWith('udp') && localPort !== 0) listening.add(`UDP :${localPort}`)
  }
  const states = [...counts].map(([state, count]) => (count === 1 ? state : `${state} ×${count}`))
  const all = [...listening, ...states]
  return all.length <= 3 ? all : [...all.slice(0, 2), `and ${all.length - 2} more`]
}

/** The link that is being drawn. */
export function Wire() {
  const { value } = wire
  if (value === null) return null
  const from = placeOf(value.from)
  return <line class="rubber" x1={from.x} y1={from.y} x2={value.at.x} y2={value.at.y} />
}

function choose(name: string): void {
  const { value } = wire
  if (value === null) {
    select({ kind: 'node', name })
    return
  }
  wire.value = { ...value, to: name }
  endWire()
}

function press(event: KeyboardEvent, node: ScenarioNode): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const direction = directionOf(event.key)
  const wiring = wire.value !== null
  if (direction !== null && wiring) aimWire(...direction)
  else if (direction !== null) {
    const step = event.shiftKey ? 1 : STEP
    move(node.name, node.x + direction[0] * step, node.y + direction[1] * step)
  } else if (event.key === 'Enter' && wiring) endWire()
  else if (event.key === 'Escape' && wiring) wire.value = null
  else if (event.key === 'Enter' || event.key === ' ') select({ kind: 'node', name: node.name })
  else if (event.key === 'l' || event.key === 'L') beginWire(node.name)
  else if (event.key === 'Delete' || event.key === 'Backspace') {
    select({ kind: 'node', name: node.name })
    removeSelected()
  } else if (event.key === 'F2') {
    select({ kind: 'node', name: node.name })
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>('.node-form input')?.select())
  } else return
  event.preventDefault()
  event.stopPropagation()
}

function drag(event: PointerEvent, node: ScenarioNode, picture: SVGSVGElement | null): void {
  if (picture === null || event.button !== 0) return
  const from = pointIn(picture, event)
  follow(
    event,
    (moved) => {
      const to = pointIn(picture, moved)
      if (dragged.value === null && Math.hypot(to.x - from.x, to.y - from.y) < 4) return
      dragged.value = { name: node.name, x: node.x + to.x - from.x, y: node.y + to.y - from.y }
    },
    () => {
      const { value } = dragged
      dragged.value = null
      if (value !== null) move(value.name, Math.round(value.x), Math.round(value.y))
    },
  )
}

function drawWire(event: PointerEvent, name: string, picture: SVGSVGElement | null): void {
  event.stopPropagation()
  if (picture === null || event.button !== 0) return
  beginWire(name)
  follow(
    event,
    (moved) => {
      const at = pointIn(picture, moved)
      const to = nodeAt(at)
      wire.value = { from: name, at: to === '' || to === name ? at : placeOf(to), to: to === name ? '' : to }
    },
    endWire,
  )
}

function swallow(event: Event): void {
  event.stopPropagation()
}

/** Has a pointer followed until it is let go, or taken away by the browser. */
function follow(event: PointerEvent, move: (event: PointerEvent) => void, end: () => void): void {
  const over = ({ pointerId, clientX, clientY }: PointerEvent) => {
    if (pointerId !== event.pointerId) return
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', over)
    removeEventListener('pointercancel', over)
    end()
    if (Math.hypot(clientX - event.clientX, clientY - event.clientY) < 4) return
    // Where it is let go is no click on what lies around both places.
    addEventListener('click', swallow, { capture: true })
    setTimeout(() => removeEventListener('click', swallow, { capture: true }))
  }
  addEventListener('pointermove', move)
  addEventListener('pointerup', over)
  addEventListener('pointercancel', over)
}
