// Markdown has no table without a head. Where nothing is in it, the site has none: readers who hear a page would be told of columns without a name.

import type { MarkdownRenderer } from 'vitepress'

/** Takes heads without a word away, and makes single cells without one cells of no meaning. */
export function tableHeads(md: MarkdownRenderer): void {
  md.core.ruler.push('table-heads', (state) => {
    const kept: typeof state.tokens = []
    for (let i = 0; i < state.tokens.length; i++) {
      const token = state.tokens[i] as (typeof kept)[0]
      if (token.type === 'thead_open') {
        const end = state.tokens.findIndex(({ type }, at) => at > i && type === 'thead_close')
        if (state.tokens.slice(i, end).every(({ content }) => content === '')) {
          i = end
          continue
        }
      }
      if (token.type === 'th_open' && state.tokens[i + 1]?.content === '') {
        token.tag = 'td'
        ;(state.tokens[i + 2] as typeof token).tag = 'td'
      }
      kept.push(token)
    }
    state.tokens = kept
  })
}
