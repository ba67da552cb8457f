// Makes dist/ of src/ and lab/, so that `npm ci` alone leaves a checkout that runs: declarations by the project's own TypeScript, a file
// each, JavaScript by bundle.mjs, and the page of the lab by build-lab.mjs. What was there is replaced in the end, whole: programs that run
// on it meanwhile are not disturbed, and errors leave it as it was.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildLab } from './build-lab.mjs'
import { bundle } from './bundle.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
// As deep as dist/: the source maps point out of it.
const fresh = join(root, `dist-${process.pid}`)
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
const declarations = spawn(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh], {
  stdio: 'inherit',
})
const [types, ...made] = await Promise.allSettled([
  once(declarations, 'exit'),
  bundle(join(root, 'src'), fresh),
  buildLab(join(fresh, 'lab')),
])
const [status] = types.value ?? [1]
const failed = made.filter((one) => one.status === 'rejected')
if (status === 0 && failed.length === 0) {
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
} else {
  rmSync(fresh, { recursive: true, force: true })
  for (const { reason } of failed) console.error(reason)
  process.exitCode = status || 1
}
