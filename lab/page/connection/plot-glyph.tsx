/** What a line or a mark of the plots looks like, for their legends. */
export type GlyphName =
  | 'segment'
  | 'again'
  | 'una'
  | 'edge'
  | 'report'
  | 'probe'
  | 'flight'
  | 'cwnd'
  | 'ssthresh'
  | 'offered'
  | 'trip'
  | 'acknowledged'
  | 'sent'

const PATHS: Readonly<Record<GlyphName, string>> = {
  segment: 'M8 2v8M5 10h6M5 2h6',
  again: 'M8 1l5 5l-5 5l-5 -5z',
  una: 'M0 9h6v-6h10',
  edge: 'M0 6h16',
  report: 'M11 2h-5v8h5',
  probe: 'M4 6a4 4 0 1 0 8 0a4 4 0 1 0 -8 0',
  flight: 'M0 11v-7h16v7z',
  cwnd: 'M0 6h16',
  ssthresh: 'M0 6h16',
  offered: 'M0 6h16',
  trip: 'M5 3l6 6M5 9l6 -6',
  acknowledged: 'M0 11v-7h16v7z',
  sent: 'M0 6h16',
}

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg class={`glyph ${name}`} width="16" height="12" viewBox="0 0 16 12" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
