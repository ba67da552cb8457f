// The little markup of lessons: what is written so, and what is told by selecting it. It is never HTML.

import type { Selection } from '../page/state/store.ts'

export type Piece =
  | { readonly kind: 'words' | 'code' | 'emphasis'; readonly text: string }
  | { readonly kind: 'reference'; readonly text: string; readonly to: Selection }

const MARKED = /`([^`]+)`|\*([^*]+)\*|\[([^\]]+)\]\((\w+):([^)]+)\)/g

/** A paragraph in pieces. RangeError: a reference leads nowhere. */
export function readParagraph(paragraph: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of paragraph.matchAll(MARKED)) {
    if (match.index > at) pieces.push({ kind: 'words', text: paragraph.slice(at, match.index) })
    at = match.index + match[0].length
    const [, code, emphasis, text, kind = '', name = ''] = match
    if (code !== undefined) pieces.push({ kind: 'code', text: code })
    else if (emphasis !== undefined) pieces.push({ kind: 'emphasis', text: emphasis })
    else pieces.push({ kind: 'reference', text: text ?? '', to: selectionOf(kind, name) })
  }
  if (at < paragraph.length) pieces.push({ kind: 'words', text: paragraph.slice(at) })
  return pieces
}

function selectionOf(kind: string, name: string): Selection {
  if (kind === 'node') return { kind, name }
  if (kind === 'link') return { kind, link: Number(name) }
  if (kind === 'program') {
    const [host = '', program = ''] = name.split('/')
    return { kind, host, name: program }
  }
  throw new RangeError(`a reference must be to a node, a link or a program, got ${kind}:${name}`)
}
