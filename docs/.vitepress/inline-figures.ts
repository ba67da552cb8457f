// Pictures of docs/figures become part of the page, so that they take its colours, which a reader may change.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MarkdownRenderer } from 'vitepress'

const docs = fileURLToPath(new URL('..', import.meta.url))

/** Puts the text of each SVG that a page shows from docs/figures in place of the image; what the page says of it is its name. */
export function inlineFigures(md: MarkdownRenderer): void {
  md.core.ruler.push('inline-figures', ({ tokens, env }) => {
    for (const [i, { children }] of tokens.entries()) {
      for (const token of children ?? []) {
        if (token.type !== 'image') continue
        const path = resolve(docs, env.relativePath ?? '', '..', token.attrGet('src') ?? '')
        if (!path.startsWith(resolve(docs, 'figures')) || !existsSync(path)) continue
        // A page may have no styles within: those of the theme are the same.
        const svg = readFileSync(path, 'utf8').replace(/<style>.*?<\/style>\n/s, '')
        // On narrow screens it is scrolled, by the keyboard too, unless it fits them.
        if (!svg.startsWith('<svg class="figure small"')) tokens[i - 1]?.attrSet('tabindex', '0')
        Object.assign(token, { type: 'html_inline', content: svg.replaceAll('\n', '') })
      }
    }
  })
}
