// Pages point to files of the repository by relative paths, as one who reads them there follows them. On the site some of these files are
// pages too; the others are on a server of repositories, if one is named, or else the path is text.

import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MarkdownRenderer } from 'vitepress'

const docs = fileURLToPath(new URL('..', import.meta.url))
const root = resolve(docs, '..')

/** Files outside of docs/ that a page includes. */
const PAGES: Readonly<Record<string, string>> = {
  'ARCHITECTURE.md': '/explanation/architecture.md',
  'CHANGELOG.md': '/reference/changelog.md',
  'RFCS.md': '/reference/rfcs.md',
  'SECURITY.md': '/reference/reporting.md',
}

/** Mends links that lead out of docs/. `repository` is the address below which files are, such as 'https://example.org/jackfield/blob/main'. */
export function repositoryLinks(md: MarkdownRenderer, repository: string | undefined): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const page: string = env.relativePath ?? ''
    for (const { children } of tokens) {
      let plain = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const place = placeOf(token.attrGet('href') ?? '', page, repository)
          if (place === null) continue
          plain = !('href' in place)
          if ('href' in place) token.attrSet('href', place.href)
          else Object.assign(token, { type: 'span_open', tag: 'span', attrs: [['title', place.path]] })
        } else if (token.type === 'link_close' && plain) {
          Object.assign(token, { type: 'span_close', tag: 'span' })
          plain = false
        }
      }
    }
  })
}

/** Where a link leads that is no link between pages as it stands; null where it is one. */
function placeOf(href: string, page: string, repository?: string): { href: string } | { path: string } | null {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return null
  const [path = '', fragment] = href.split('#')
  const hash = fragment === undefined ? '' : `#${fragment}`
  // What is included from the repository's root has its links from there.
  const here = resolve(docs, page, '..', path)
  const found = existsSync(here) ? here : join(root, path)
  if (!existsSync(found)) return null
  const inDocs = relative(docs, found)
  if (!inDocs.startsWith('..')) return found === here ? null : { href: `/${inDocs}${hash}` }
  const inRoot = relative(root, found)
  const included = PAGES[inRoot]
  if (included !== undefined) return { href: included + hash }
  return repository === undefined ? { path: inRoot } : { href: `${repository}/${inRoot}${hash}` }
}
