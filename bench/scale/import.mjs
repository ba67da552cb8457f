// `import.mjs jackfield|node:net|empty`: milliseconds that the import takes in a fresh process, the median of nine of them.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median } from '../ends/figures.mjs'
import { answer } from '../harness/answer.mjs'
import { dist } from '../harness/dist.mjs'

const PROCESSES = 9
const modules = {
  jackfield: pathToFileURL(join(dist, 'index.js')).href,
  'node:net': 'node:net',
  empty: 'data:text/javascript,export default 0',
}
const wanted = modules[process.argv[2]]
const program = `const began = performance.now(); await import(${JSON.stringify(wanted)}); console.log(performance.now() - began)`

function once() {
  const words = ['--input-type=module', '--eval', program]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

await answer(() => median(Array.from({ length: PROCESSES }, once)))
