// What a page loads that names these exports of the package: KiB, minified and with gzip.

import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { answer } from '../harness/answer.mjs'
import { dist } from '../harness/dist.mjs'

const NAMES = process.argv.slice(2).join(', ')

const { bundlePage } = await import(pathToFileURL(join(dirname(dist), 'scripts/page.mjs')).href)
const program = `import { ${NAMES} } from 'jackfield'\nglobalThis.used = [${NAMES}]\n`

await answer(async () => gzipSync(await bundlePage(program), { level: 9 }).length / 1024)
