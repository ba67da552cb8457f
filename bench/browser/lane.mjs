// A lane in a page: `lane.mjs SERVER CLIENT PATH ARGUMENT`, as inprocess/lane.mjs has them.

import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { answer, refuse } from '../harness/answer.mjs'
import { dist } from '../harness/dist.mjs'
import { findChromium, Page } from './chromium.mjs'

const [server, client, path, argument] = process.argv.slice(2)
/** Round trips that are measured as one: a page's clock has ticks of 0.1 ms. */
const STRETCH = 512
const world = fileURLToPath(new URL('../inprocess/world.mjs', import.meta.url))

const program = `
  import * as api from 'jackfield'
  import { openWorld } from ${JSON.stringify(world)}
  const { servers, clients } = openWorld(api, ${JSON.stringify(path)}, 4, { stretch: ${STRETCH} })
  const port = servers.${server}()
  globalThis.measure = (milliseconds) => clients.${client}({ port, milliseconds, argument: ${JSON.stringify(argument)} })
`

try {
  const { bundlePage } = await import(pathToFileURL(join(dirname(dist), 'scripts/page.mjs')).href)
  const code = Buffer.from(await bundlePage(program)).toString('base64')
  const page = await Page.open(findChromium())
  await page.evaluate(`import('data:text/javascript;base64,${code}').then(() => true)`)
  await answer(
    ({ seconds }) => page.evaluate(`measure(${seconds * 1000})`),
    () => page.close(),
  )
} catch (error) {
  refuse(error)
}
