import { useEffect, useRef } from 'preact/hooks'
import { addNode, frameOf, held, menu, nodeAt, pointIn, said, wire } from '../state/canvas-state.ts'
import { now, pause, playing, scenario, select, version } from '../state/store.ts'
import { drawFrames, frameAt } from './frame-canvas.ts'
import { FramePopover } from './frame-popover.tsx'
import { LinkLine } from './link-line.tsx'
import { NetworkTools } from './network-tools.tsx'
import { NodeMark, Wire } from './node-mark.tsx'
import './network-view.css'

/** The network, its frames under way, and the hands that change it. */
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
  // Beside panels that become larger the network becomes smaller, without that anything happens in it.
  useEffect(() => {
    const { current } = canvas
    if (current === null) return
    const observer = new ResizeObserver(() => {
      if (picture.current !== null) drawFrames(current, picture.current, now.peek(), playing.peek())
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return (
    <div class="stage">
      <svg
        ref={picture}
        id="canvas"
        tabindex={-1}
        viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
        role="group"
        aria-label="Hosts, routers, switches and links"
        onClickCapture={(event) => takeFrame(event, picture.current)}
        onClick={() => {
          menu.value = null
          select({ kind: 'nothing' })
        }}
        onKeyDown={() => {}}
        onDblClick={(event) => openMenu(event, picture.current)}
        onPointerMove={(event) => showWhatIsThere(event, picture.current)}
      >
        {links.map((link, i) => (
          <LinkLine key={`${link.between.join(' ')} ${i}`} place={i} />
        ))}
        <Wire />
        {nodes.map((node) => (
          <NodeMark key={node.name} node={node} picture={picture} />
        ))}
      </svg>
      <canvas ref={canvas} aria-hidden="true" />
      <Legend />
      {nodes.length === 0 ? <Empty /> : null}
      <AddMenu picture={picture.current} />
      <FramePopover picture={picture.current} />
      <NetworkTools />
      <p class="hidden" role="status" aria-live="polite">
        {said.value}
      </p>
    </div>
  )
}

// A frame lies on the link's line: who clicks there means the frame. Time stands still then, so that it can be held.
function takeFrame(event: MouseEvent, picture: SVGSVGElement | null): void {
  if (picture === null || wire.value !== null) return
  const { x, y } = pointIn(picture, event)
  const frame = frameAt(x, y)
  if (frame === null) {
    held.value = { number: 0, keys: false }
    return
  }
  event.stopPropagation()
  if (playing.value) pause()
  select({ kind: 'frame', number: frame.number })
  held.value = { number: frame.number, keys: false }
}

function showWhatIsThere(event: PointerEvent, picture: SVGSVGElement | null): void {
  if (picture === null) return
  const { x, y } = pointIn(picture, event)
  picture.classList.toggle('on-frame', frameAt(x, y) !== null)
}

function openMenu(event: MouseEvent, picture: SVGSVGElement | null): void {
  if (picture === null) return
  const at = pointIn(picture, event)
  if (nodeAt(at) === '' && frameAt(at.x, at.y) === null) menu.value = at
}

/** Kinds of packets, by shape and colour. */
function Legend() {
  return (
    <ul class="legend" aria-label="Kinds of packets">
      {LEGEND.map(([kind, title, path]) => (
        <li key={kind}>
          <svg viewBox="-7 -7 14 14" class={kind} aria-hidden="true">
            <path d={path} />
          </svg>
          {title}
        </li>
      ))}
    </ul>
  )
}

const LEGEND = [
  ['tcp', 'TCP', 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0'],
  ['udp', 'UDP', 'M-5 -5h10v10h-10z'],
  ['icmp', 'ICMP', 'M0 -6l6 11h-12z'],
  ['arp', 'ARP', 'M0 -6l6 6l-6 6l-6 -6z'],
  ['lost', 'lost', 'M-5 -5L5 5M5 -5L-5 5'],
] as const

function Empty() {
  return (
    <div class="nothing-yet">
      <p>Nothing is here yet. Double click anywhere, or:</p>
      <p>
        <button type="button" class="primary" onClick={() => addNode('host')}>
          Add the first host
        </button>
      </p>
    </div>
  )
}

/** What may be added where one has clicked twice. */
function AddMenu({ picture }: { picture: SVGSVGElement | null }) {
  const box = useRef<HTMLDivElement>(null)
  const { value: at } = menu
  useEffect(() => {
    if (at !== null) box.current?.querySelector('button')?.focus()
  }, [at])
  if (at === null || picture === null) return null
  const place = new DOMPoint(at.x, at.y).matrixTransform(picture.getScreenCTM() ?? undefined)
  const around = picture.getBoundingClientRect()
  return (
    <div
      class="add-menu"
      ref={box}
      role="group"
      aria-label="Add here"
      style={{ left: `${place.x - around.left}px`, top: `${place.y - around.top}px` }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        menu.value = null
        picture.focus()
      }}
    >
      {(['host', 'router', 'switch'] as const).map((kind) => (
        <button
          type="button"
          key={kind}
          onClick={() => {
            menu.value = null
            addNode(kind, at)
          }}
        >
          {kind}
        </button>
      ))}
    </div>
  )
}
