// Makes dist/ of src/, so that `npm ci` alone leaves a checkout that runs: declarations by the project's own TypeScript, a file
// each, and JavaScript by bundle.mjs. What was there is replaced in the end, whole: programs that run on it meanwhile are not
// disturbed, and errors leave it as it was.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
// As deep as dist/: the source maps point out of it.
const fresh = join(root, `dist-${process.pid}`)
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
const declarations = spawn(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh], {
  stdio: 'inherit',
})
const [types, code] = await Promise.allSettled([once(declarations, 'exit'), bundle(join(root, 'src'), fresh)])
const [status] = types.value ?? [1]
if (status === 0 && code.status === 'fulfilled') {
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
} else {
  rmSync(fresh, { recursive: true, force: true })
  if (code.status === 'rejected') console.error(code.reason)
  process.exitCode = status || 1
}
