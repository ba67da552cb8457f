// Builds the site of docs/ (npm run docs), or serves it while pages are written (npm run docs:dev). Before that: the reference of all that the
// package exports, from its docstrings, a page for each entry, class and interface, in docs/reference/api.

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, createServer } from 'vitepress'

const root = fileURLToPath(new URL('..', import.meta.url))
const docs = `${root}docs`

/** Constants have no words of their own: of a heading and a quotation for each is made a row. */
function tabulateConstants(page) {
  const rows = []
  const text = page.replace(
    /^### (\S+)\n\n> `const` \*\*\S+\*\*: (?:.* = )?`(.*?)`\n\n(?:\*\*\*\n\n?)?/gm,
    (_, name, value) => {
      rows.push(`| ${name} | ${value} |`)
      return ''
    },
  )
  return text.replace('## Variables\n', `## Variables\n\n| name | value |\n| --- | --- |\n${rows.join('\n')}\n\n`)
}

function writeReference() {
  rmSync(`${docs}/reference/api`, { recursive: true, force: true })
  const args = ['node_modules/typedoc/bin/typedoc', '--options', 'docs/.vitepress/typedoc.json', '--logLevel', 'Warn']
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  const constants = `${docs}/reference/api/constants/index.md`
  writeFileSync(constants, tabulateConstants(readFileSync(constants, 'utf8')))
}

writeReference()
if (process.argv[2] === 'dev') {
  const server = await createServer(docs)
  await server.listen()
  server.printUrls()
} else {
  await build(docs)
  // `--check`: and looks at every page in Chromium.
  if (process.argv.includes('--check')) {
    process.exitCode =
      spawnSync(process.execPath, ['test/docs/site/look.mjs'], { cwd: root, stdio: 'inherit' }).status ?? 1
  }
}
