import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const BUILDING = ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs', 'scripts/bundle.mjs']
const BUILDING_LAB = ['lab/vite.config.ts', 'scripts/build-lab.mjs', 'scripts/lab-commands.mjs']

/** Whether something in a folder, or of what builds it, was changed after `built` was made. */
function isNewer(folder: string, building: readonly string[], built: string): boolean {
  if (!existsSync(built)) return true
  const { mtimeMs } = statSync(built)
  const names = readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name}`,
  )
  return [...building, ...names].some((name) => statSync(`${root}/${name}`).mtimeMs >= mtimeMs)
}

/** Tests that run the command or plain Node run dist/: it is built again where a source is newer. Where only the lab is, its page is. */
export default function setup(): void {
  const all = isNewer('src', BUILDING, `${root}/dist/index.js`)
  if (!all && !isNewer('lab', BUILDING_LAB, `${root}/dist/lab/index.html`)) return
  const script = all ? 'scripts/build.mjs' : 'scripts/build-lab.mjs'
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}/${script}`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm run build failed:\n${stdout}${stderr}`)
}
