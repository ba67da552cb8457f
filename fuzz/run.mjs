// npm run fuzz [-- --seconds 60] [--seed N] [--target NAME[,NAME…]] [--cases N] [--json]
//
// Compiles the fuzzers with what they fuzz (types are not looked at: npm run types does), and runs them.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
const built = spawnSync(process.execPath, [tsc, '-p', folder, '--noCheck'], { stdio: 'inherit' })
if (built.status !== 0) process.exit(built.status ?? 1)
process.exit(await (await import('./built/fuzz/main.js')).main(process.argv.slice(2)))
