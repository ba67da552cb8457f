// What a frame is and what became of it, in as few words as can be.

import type { Frame } from '../state/store.ts'

/** "SYN", "PSH ACK 5", "UDP 12": what a frame is. */
export function brief(frame: Pick<Frame, 'text' | 'kind'>): string {
  const [, flags] = /Flags \[([^\]]*)\]/.exec(frame.text) ?? []
  const [, length = ''] = /length (\d+)$/.exec(frame.text) ?? []
  if (flags === undefined)
    return frame.kind === 'udp' ? `UDP ${length}` : (frame.text.split(',')[0]?.replace(/^.*: /, '') ?? frame.kind)
  const words = [...flags].map((flag) => FLAGS[flag] ?? '').filter((word) => word !== '')
  return `${words.join(' ')}${length === '0' || length === '' ? '' : ` ${length}`}`
}

const FLAGS: Readonly<Record<string, string>> = {
  S: 'SYN',
  F: 'FIN',
  R: 'RST',
  P: 'PSH',
  '.': 'ACK',
  U: 'URG',
  E: 'ECE',
  W: 'CWR',
}

/** "lost by chance", "under way": what has become of a frame at an instant; '' where it has come. */
export function fate(frame: Pick<Frame, 'arrivedAt' | 'lostAt' | 'why' | 'damaged'>, now: number): string {
  if (frame.lostAt <= now) return WHY[frame.why] ?? frame.why
  if (frame.damaged) return 'damaged'
  return frame.arrivedAt <= now ? '' : 'under way'
}

const WHY: Readonly<Record<string, string>> = {
  loss: 'lost by chance',
  queue: 'lost: queue full',
  damage: 'lost: damaged',
  down: 'lost: link down',
  mtu: 'lost: too long',
  partition: 'lost: partition',
  act: 'dropped by hand',
  nobody: 'lost: nobody there',
}
