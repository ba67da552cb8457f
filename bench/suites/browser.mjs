// The same as inprocess, two stacks and a cable, in a page of Chromium; beside it the same in Node.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium } from '../browser/chromium.mjs'
import { versionOf } from '../tap/compiled.mjs'

export const name = 'browser'

const NODE = 'the same in Node'

export function peers({ root }) {
  const node = { [NODE]: { version: process.version } }
  const chromium = findChromium()
  if (chromium === null) return { jackfield: { missing: 'there is no chromium' }, ...node }
  if (!existsSync(join(root, 'scripts/page.mjs'))) {
    return { jackfield: { missing: 'there is no scripts/page.mjs, which makes one file of a page' }, ...node }
  }
  return { jackfield: { version: versionOf(chromium, '--version') }, ...node }
}

const PATHS = [
  ['cable', ''],
  ['summed', ', checksums computed'],
  ['loopback', ', loopback'],
]

/** Round trips are measured 512 at a time, as the page has to. */
function both(server, client, path, argument) {
  return {
    ours: { program: 'browser/lane.mjs', args: [server, client, path, ...(argument ? [argument] : [])] },
    theirs: {
      [NODE]: {
        program: 'inprocess/lane.mjs',
        args: [server, client, path, '4', argument ?? '', '512'],
      },
    },
  }
}

export const figures = () =>
  PATHS.flatMap(([path, text]) => [
    { name: `stream${text}`, unit: 'Gbit/s', better: 'more', ...both('sink', 'source', path) },
    ...(path === 'summed'
      ? []
      : [
          { name: `round trip, 64 octets${text}`, unit: 'µs', better: 'less', ...both('pong', 'ping', path) },
          ...['1', '32'].map((count) => ({
            name: `connections, ${count} at a time${text}`,
            unit: '/s',
            better: 'more',
            ...both('greet', 'connections', path, count),
          })),
          { name: `datagrams there and back${text}`, unit: '/s', better: 'more', ...both('echo', 'echoed', path) },
        ]),
  ])
