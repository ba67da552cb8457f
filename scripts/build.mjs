// Compiles src/ into dist/ with the project's own TypeScript, so that `npm ci` alone leaves a checkout that runs. What was
// there is replaced in the end, whole: programs that run on it meanwhile are not disturbed, and errors leave it as it was.
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
// As deep as dist/: the source maps point out of it.
const fresh = join(root, `dist-${process.pid}`)
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh], {
  stdio: 'inherit',
})
if (status === 0) {
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
} else {
  rmSync(fresh, { recursive: true, force: true })
}
process.exit(status ?? 1)
