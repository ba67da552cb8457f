import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { NodeKind, ScenarioNode } from '../engine/scenario.ts'
import { drawFrames, frameAt } from './frame-canvas.ts'
import { addresses, change, now, playing, scenario, select, selection, version } from './store.ts'
import './network-view.css'

/** Where a node is while it is dragged. */
const dragged = signal<{ readonly name: string; readonly x: number; readonly y: number } | null>(null)
/** From which node a link is being drawn; '' where none is. */
const linking = signal('')

const MARGIN = 70

/** The part of the plane in which the nodes lie. */
export function frameOf(nodes: readonly ScenarioNode[]): { x: number; y: number; width: number; height: number } {
  if (nodes.length === 0) return { x: 0, y: 0, width: 640, height: 360 }
  const xs = nodes.map(({ x }) => x)
  const ys = nodes.map(({ y }) => y)
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN]
  return { x: left, y: top, width: Math.max(...xs) + MARGIN - left, height: Math.max(...ys) + MARGIN - top }
}

export function NetworkView() {
  const picture = useRef<SVGSVGElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { nodes, links } = scenario.value
  const frame = frameOf(nodes)
  // Read here, so that it is drawn again when they change.
  const instant = now.value
  version.value
  useEffect(() => {
    if (canvas.current !== null && picture.current !== null)
      drawFrames(canvas.current, picture.current, instant, playing.value)
  })
  return (
    <div class="stage">
      <svg
        ref={picture}
        viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
        role="group"
        aria-label="Hosts, routers, switches and links"
        onClick={(event) => choose(event, picture.current)}
        onKeyDown={() => {}}
      >
        {links.map((link, i) => (
          <LinkLine key={`${link.between.join(' ')} ${i}`} place={i} />
        ))}
        {nodes.map((node) => (
          <NodeMark key={node.name} node={node} picture={picture} />
        ))}
      </svg>
      <canvas ref={canvas} aria-hidden="true" />
      <Tools />
    </div>
  )
}

function place(name: string): { readonly x: number; readonly y: number } {
  if (dragged.value?.name === name) return dragged.value
  return scenario.value.nodes.find((node) => node.name === name) ?? { x: 0, y: 0 }
}

function LinkLine({ place: number }: { place: number }) {
  const link = scenario.value.links[number]
  if (link === undefined) return null
  const [a, b] = link.between.map(place) as [{ x: number; y: number }, { x: number; y: number }]
  const chosen = selection.value.kind === 'link' && selection.value.link === number
  const label = [
    link.delay === undefined ? '' : `${link.delay} ms`,
    link.rate === undefined ? '' : `${link.rate / 1e6} Mbit/s`,
    link.loss === undefined ? '' : `${Number((link.loss * 100).toFixed(2))} % lost`,
    link.mtu === undefined ? '' : `MTU ${link.mtu}`,
  ].filter((part) => part !== '')
  const pick = () => select({ kind: 'link', link: number })
  return (
    <g
      class={chosen ? 'link chosen' : 'link'}
      role="button"
      tabIndex={0}
      aria-label={`Link ${link.between.join(' to ')}${label.length > 0 ? `, ${label.join(', ')}` : ''}`}
      onClick={(event) => {
        event.stopPropagation()
        pick()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') pick()
      }}
    >
      <line class="touch" x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      <line class="wire" x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      <text x={(a.x + b.x) / 2} y={(a.y + b.y) / 2 - 9} text-anchor="middle">
        {label.join(' · ')}
      </text>
    </g>
  )
}

const SHAPES: Readonly<Record<NodeKind, string>> = {
  host: 'M-22 -17h44v28h-44z M-10 18h20 M0 11v7',
  router: 'M-20 0a20 20 0 1 0 40 0a20 20 0 1 0 -40 0 M-10 0h20 M0 -10v20 M-10 0l4 -4 M-10 0l4 4 M10 0l-4 -4 M10 0l-4 4',
  switch: 'M-24 -11h48v22h-48z M-14 -3h22l-4 -4 M14 3h-22l4 4',
}

function NodeMark({ node, picture }: { node: ScenarioNode; picture: { readonly current: SVGSVGElement | null } }) {
  const { x, y } = place(node.name)
  const chosen = selection.value.kind === 'node' && selection.value.name === node.name
  const own = addresses.value.filter(({ name }) => name.split('.')[0] === node.name).flatMap((end) => end.addresses)
  const address = `${own[0]?.split('/')[0] ?? ''}${own.length > 1 ? ` +${own.length - 1}` : ''}`
  const pick = () => {
    if (linking.value === '') select({ kind: 'node', name: node.name })
    else connect(linking.value, node.name)
  }
  return (
    <g
      class={`node ${node.kind}${chosen ? ' chosen' : ''}${linking.value === node.name ? ' linking' : ''}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-label={`${node.name} ${address}, ${node.kind}`}
      onClick={(event) => {
        event.stopPropagation()
        pick()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') pick()
      }}
      onPointerDown={(event) => drag(event, node, picture.current)}
    >
      <circle class="halo" r="34" />
      <path class="shape" d={SHAPES[node.kind]} />
      <text class="name" y="38" text-anchor="middle">
        {node.name}
      </text>{' '}
      <text class="address" y="53" text-anchor="middle">
        {address}
      </text>
    </g>
  )
}

function drag(event: PointerEvent, node: ScenarioNode, picture: SVGSVGElement | null): void {
  if (picture === null || event.button !== 0) return
  const from = pointIn(picture, event)
  const move = (moved: PointerEvent) => {
    const to = pointIn(picture, moved)
    if (dragged.value === null && Math.hypot(to.x - from.x, to.y - from.y) < 4) return
    dragged.value = { name: node.name, x: node.x + to.x - from.x, y: node.y + to.y - from.y }
  }
  const drop = () => {
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', drop)
    const { value } = dragged
    dragged.value = null
    if (value === null) return
    // Where something is drawn changes nothing of what happens: the run goes on.
    scenario.value = {
      ...scenario.value,
      nodes: scenario.value.nodes.map((one) =>
        one.name === value.name ? { ...one, x: Math.round(value.x), y: Math.round(value.y) } : one,
      ),
    }
  }
  addEventListener('pointermove', move)
  addEventListener('pointerup', drop)
}

function pointIn(picture: SVGSVGElement, event: { readonly clientX: number; readonly clientY: number }): DOMPoint {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM()?.inverse())
}

// A frame lies on the link's line: who clicks there means the frame.
function choose(event: MouseEvent, picture: SVGSVGElement | null): void {
  if (picture === null) return
  const { x, y } = pointIn(picture, event)
  const frame = frameAt(x, y)
  select(frame === null ? { kind: 'nothing' } : { kind: 'frame', number: frame.number })
}

function connect(a: string, b: string): void {
  linking.value = ''
  if (a !== b) change({ links: [...scenario.value.links, { between: [a, b], delay: 10 }] })
}

function Tools() {
  const add = (kind: NodeKind) => {
    const { nodes } = scenario.value
    const { x, y, width, height } = frameOf(nodes)
    let count = 1
    while (nodes.some(({ name }) => name === `${kind}${count}`)) count++
    const node = {
      name: `${kind}${count}`,
      kind,
      x: Math.round(x + width / 2),
      y: Math.round(y + height / 2 + 10 * count),
    }
    change({ nodes: [...nodes, node] })
  }
  const { value } = selection
  return (
    <div class="tools" role="toolbar" aria-label="Change the network">
      <button type="button" onClick={() => add('host')}>
        + Host
      </button>
      <button type="button" onClick={() => add('router')}>
        + Router
      </button>
      <button type="button" onClick={() => add('switch')}>
        + Switch
      </button>
      <button
        type="button"
        disabled={value.kind !== 'node'}
        aria-pressed={linking.value !== ''}
        title="Then choose the other end"
        onClick={() => {
          linking.value = value.kind === 'node' && linking.value === '' ? value.name : ''
        }}
      >
        Link…
      </button>
      <button type="button" disabled={value.kind !== 'node' && value.kind !== 'link'} onClick={remove}>
        Remove
      </button>
    </div>
  )
}

function remove(): void {
  const { value } = selection
  const { nodes, links, programs } = scenario.value
  // What was done by hand is told by places and numbers, which are others then.
  if (value.kind === 'link') change({ links: links.filter((_link, i) => i !== value.link), acts: [] })
  if (value.kind !== 'node') return
  change({
    nodes: nodes.filter(({ name }) => name !== value.name),
    links: links.filter(({ between }) => !between.includes(value.name)),
    programs: programs.filter(({ host }) => host !== value.name),
    acts: [],
  })
}
