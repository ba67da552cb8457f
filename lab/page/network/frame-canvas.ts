// Frames on their links: thousands at once, so that they are drawn, and are no elements.

import { endsOf, type Frame, frames, live, runs, sameFlow, scenario, selectedFlow, selection } from '../state/store.ts'

/** The page's colours of kinds of frames, and of what is lost, as they are in its light or its dark scheme. */
type Colours = Readonly<Record<Frame['kind'] | 'lost', string>>

function coloursOf(canvas: HTMLCanvasElement): Colours {
  const style = getComputedStyle(canvas)
  const colour = (name: keyof Colours) => style.getPropertyValue(`--${name}`)
  return {
    tcp: colour('tcp'),
    udp: colour('udp'),
    icmp: colour('icmp'),
    arp: colour('arp'),
    other: colour('other'),
    lost: colour('lost'),
  }
}

/** How long a packet of a program that is watched is seen to move, in milliseconds: when it left, or comes, is not known. */
const PASSING = 400
/** How long a cross stays where a frame was lost, in milliseconds of the run. */
const CROSS = 6
/** Beside the line, so that both ways can be told apart. */
const SHIFT = 7

interface Drawn {
  readonly x: number
  readonly y: number
  readonly frame: Frame
}

let drawn: Drawn[] = []
// Frames before this one are over: none of them is drawn any more, until the run begins anew.
let first = 0
let run = 0

/** Draws what is under way at an instant. */
export function drawFrames(canvas: HTMLCanvasElement, picture: SVGSVGElement, now: number, playing: boolean): void {
  const context = canvas.getContext('2d')
  const matrix = picture.getScreenCTM()
  if (context === null || matrix === null) return
  const box = canvas.getBoundingClientRect()
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)]
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, width, height)
  context.setTransform(
    matrix.a * ratio,
    0,
    0,
    matrix.d * ratio,
    (matrix.e - box.left) * ratio,
    (matrix.f - box.top) * ratio,
  )
  drawn = []
  if (runs.value !== run) first = 0
  run = runs.value
  const cross = playing ? CROSS : 1e-3
  const passing = live.value === null ? 0 : PASSING
  let over = true
  const tracks: (Track | null)[] = []
  const flow = selectedFlow.value
  const colours = coloursOf(canvas)
  for (let i = first; i < frames.length; i++) {
    const frame = frames[i]
    if (frame === undefined || frame.at > now) continue
    const end = Math.min(
      frame.lostAt + cross,
      frame.arrivedAt + passing,
      frame.lostAt === Number.POSITIVE_INFINITY ? frame.dueAt + passing : Number.POSITIVE_INFINITY,
    )
    if (end <= now && (frame.lostAt === Number.POSITIVE_INFINITY || frame.lostAt + CROSS < now)) {
      if (over) first = i + 1
      continue
    }
    over = false
    if (end > now) draw(context, frame, now, tracks, flow, colours)
  }
  canvas.dataset['drawn'] = String(drawn.length)
}

// Thousands of them lie on a few links: where those are is looked up once for a picture.
function draw(
  context: CanvasRenderingContext2D,
  frame: Frame,
  now: number,
  tracks: (Track | null)[],
  flow: string,
  colours: Colours,
): void {
  const key = 2 * frame.link + frame.end
  let track = tracks[key]
  if (track === undefined) {
    track = trackOf(frame)
    tracks[key] = track
  }
  if (track === null) return
  const spot = placeOn(track, frame, Math.min(now, frame.lostAt))
  drawn.push({ x: spot.x, y: spot.y, frame })
  const chosen = selection.value.kind === 'frame' && selection.value.number === frame.number
  const related = flow === '' || sameFlow(frame.flow, flow)
  context.globalAlpha = related || chosen ? 1 : 0.35
  // The longer a frame, the larger its mark.
  const radius = 4 + Math.min(5, frame.length / 300)
  context.fillStyle = colours[frame.kind]
  context.strokeStyle = colours[frame.kind]
  if (now >= frame.lostAt) {
    context.strokeStyle = colours.lost
    context.lineWidth = 3
    context.beginPath()
    context.moveTo(spot.x - 7, spot.y - 7)
    context.lineTo(spot.x + 7, spot.y + 7)
    context.moveTo(spot.x + 7, spot.y - 7)
    context.lineTo(spot.x - 7, spot.y + 7)
    context.stroke()
  } else if (frame.kind === 'udp') {
    // Shapes tell kinds apart as colours do.
    context.fillRect(spot.x - radius, spot.y - radius, 2 * radius, 2 * radius)
  } else {
    context.beginPath()
    if (frame.kind === 'tcp') context.arc(spot.x, spot.y, radius, 0, 2 * Math.PI)
    else if (frame.kind === 'icmp') {
      context.moveTo(spot.x, spot.y - radius - 2)
      context.lineTo(spot.x + radius + 2, spot.y + radius)
      context.lineTo(spot.x - radius - 2, spot.y + radius)
      context.closePath()
    } else {
      context.moveTo(spot.x, spot.y - radius - 1)
      context.lineTo(spot.x + radius + 1, spot.y)
      context.lineTo(spot.x, spot.y + radius + 1)
      context.lineTo(spot.x - radius - 1, spot.y)
      context.closePath()
    }
    context.fill()
  }
  if (chosen) {
    context.lineWidth = 2
    context.beginPath()
    context.arc(spot.x, spot.y, radius + 5, 0, 2 * Math.PI)
    context.stroke()
  }
  context.globalAlpha = 1
}

/** The line that frames of one end of a link go along: where it begins, its direction, and how long it is. */
interface Track {
  readonly x: number
  readonly y: number
  readonly ux: number
  readonly uy: number
  readonly length: number
}

function trackOf(frame: Frame): Track | null {
  const { nodes } = scenario.value
  const [from, to] = endsOf(frame)
  const a = nodes.find(({ name }) => name === from)
  const b = nodes.find(({ name }) => name === to)
  if (a === undefined || b === undefined) return null
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1
  return { x: a.x, y: a.y, ux: (b.x - a.x) / length, uy: (b.y - a.y) / length, length }
}

function placeOn({ x, y, ux, uy, length }: Track, frame: Frame, now: number): { x: number; y: number } {
  const whole = frame.dueAt - frame.at + (live.value === null ? 0 : PASSING)
  const part = whole <= 0 ? 0.5 : Math.min(1, Math.max(0, (now - frame.at) / whole))
  const along = 30 + part * Math.max(0, length - 60)
  return { x: x + ux * along - uy * SHIFT, y: y + uy * along + ux * SHIFT }
}

/** Where a frame is at an instant, in the plane of the network; null: on no link that is there. */
export function placeOfFrame(frame: Frame, now: number): { readonly x: number; readonly y: number } | null {
  const track = trackOf(frame)
  return track === null ? null : placeOn(track, frame, now)
}

/** The frame that is drawn at a point of the plane, or next to it; null: none is. */
export function frameAt(x: number, y: number): Frame | null {
  let best: Frame | null = null
  let least = 14
  for (const spot of drawn) {
    const distance = Math.hypot(spot.x - x, spot.y - y)
    if (distance < least) {
      least = distance
      best = spot.frame
    }
  }
  return best
}
