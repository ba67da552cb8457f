// What the search has of each page. Of the reference of what is exported it has the names and the sentence about each page's subject: its
// tables of parameters would be two thirds of an index that every reader who searches has to load.

interface Renderer {
  render(source: string, env: object): string
}

interface PageOfSite {
  readonly relativePath: string
  readonly frontmatter?: { readonly search?: boolean }
}

/** Headings that every class has. */
const EVERYWHERE =
  /^(?:Constructors?|Properties|Methods|Accessors|Parameters|Type Parameters|Returns|Throws|Examples?|Extends|Extended by|Implements|Implementation of|Inherited from|Overrides|Call Signature|Get Signature|Set Signature|Type Declaration|Default Value|Index Signature|Indexable)$/

const HEADING = /<h([1-6])[^>]*>(.*?)<a [^>]*href="#[^>]*>.*?<\/a><\/h\1>/gs

/** The HTML of a page of which the index of the search is made. */
export function searchText(source: string, env: PageOfSite, md: Renderer): string {
  const html = md.render(source, env)
  if (env.frontmatter?.search === false) return ''
  if (!env.relativePath.startsWith('reference/api/')) return html
  const headings = [...html.matchAll(HEADING)]
  const [title] = headings
  if (title === undefined) return ''
  const [, about = ''] = /^\s*(<p>.*?<\/p>)/s.exec(html.slice(title.index + title[0].length)) ?? []
  const names = headings.slice(1).filter(([, , text = '']) => !EVERYWHERE.test(text.replace(/<[^>]*>/g, '').trim()))
  return `${title[0]}${about}${names.map(([heading]) => heading).join('')}`
}
