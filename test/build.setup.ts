import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The latest change among the sources and what builds them. */
function newestSource(): number {
  let newest = 0
  for (const name of ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs', 'scripts/bundle.mjs']) {
    newest = Math.max(newest, statSync(`${root}/${name}`).mtimeMs)
  }
  for (const name of readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })) {
    newest = Math.max(newest, statSync(`${root}/src/${name}`).mtimeMs)
  }
  return newest
}

/** Tests that run the command or plain Node run dist/: it is built again where a source is newer. */
export default function setup(): void {
  const built = `${root}/dist/index.js`
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}/scripts/build.mjs`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm run build failed:\n${stdout}${stderr}`)
}
