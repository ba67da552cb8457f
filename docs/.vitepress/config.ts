import { defineConfig } from 'vitepress'
import { inlineFigures } from './inline-figures.ts'
import { repositoryLinks } from './repository-links.ts'
import { searchText } from './search-text.ts'
import { exported, section } from './sidebar.ts'
import { tableHeads } from './table-heads.ts'
import { terminal } from './terminal.ts'

/** Where the site lies on its server: '/' or, say, '/jackfield/'. */
const base = process.env['JACKFIELD_DOCS_BASE'] ?? '/'

/** What the package exports, page by page: written when the site is built. */
const entries = ['jackfield', 'constants', 'os', 'net', 'node', 'web', 'names', 'dhcp', 'drill', 'sim']

export default defineConfig({
  // The index of the search is one piece, and loaded when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  // The front page of the theme has no landmark for what it is about.
  transformHtml: (code) => code.replace('<div class="VPHome"', '<div role="main" class="VPHome"'),
  base,
  title: 'Jackfield',
  description: 'Berkeley sockets in TypeScript, over the operating system and over a TCP/IP stack of their own',
  lang: 'en',
  cleanUrls: true,
  lastUpdated: false,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}mark.svg` }],
    ['meta', { name: 'theme-color', media: '(prefers-color-scheme: light)', content: '#fbfaf7' }],
    ['meta', { name: 'theme-color', media: '(prefers-color-scheme: dark)', content: '#15171c' }],
  ],
  markdown: {
    // Colours that keep a contrast of 4.5 on the theme's own background of code.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languages: [terminal],
    config: (md) => {
      repositoryLinks(md, process.env['JACKFIELD_DOCS_REPOSITORY'])
      inlineFigures(md)
      tableHeads(md)
    },
  },
  themeConfig: {
    logo: { src: '/mark.svg', alt: '' },
    nav: [
      { text: 'Tutorial', link: '/tutorial/', activeMatch: '^/tutorial/' },
      { text: 'How-to', link: '/how-to/', activeMatch: '^/how-to/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Explanation', link: '/explanation/', activeMatch: '^/explanation/' },
    ],
    sidebar: {
      '/tutorial/': section('tutorial', 'Tutorial'),
      '/how-to/': section('how-to', 'How-to'),
      '/reference/': [...section('reference', 'Reference'), exported(entries)],
      // Only an entry's own pages list its classes: every page has its sidebar in it.
      ...Object.fromEntries(
        entries.map((entry) => [
          `/reference/api/${entry}/`,
          [...section('reference', 'Reference'), exported(entries, entry)],
        ]),
      ),
      '/explanation/': section('explanation', 'Explanation'),
    },
    search: {
      provider: 'local',
      options: {
        _render: searchText,
        miniSearch: {
          // Pages that somebody wrote come before the list of all that there is.
          searchOptions: { boostDocument: (id: string) => (id.includes('/reference/api/') ? 0.4 : 1) },
        },
      },
    },
    outline: { level: [2, 3] },
    footer: { message: 'MIT licence. Every program and terminal on these pages is run by a test.' },
  },
})
