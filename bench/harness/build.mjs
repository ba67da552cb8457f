import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Compiles the checkout at `root`; what the compiler says goes to standard error. */
export function build(root) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', process.stderr, 'inherit'],
  })
  if (status !== 0) throw new Error(`${root} does not compile`)
}

/** Compiles it where a source is newer than what was built of it, so that nobody measures what he has not written. */
export function buildIfOlder(root) {
  if (builtAt(root) < newest(join(root, 'src'))) build(root)
}

function builtAt(root) {
  return statSync(join(root, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newest(folder) {
  let at = 0
  for (const entry of readdirSync(folder, { recursive: true })) at = Math.max(at, statSync(join(folder, entry)).mtimeMs)
  return at
}
