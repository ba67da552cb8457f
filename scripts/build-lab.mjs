// The page of the lab, and its reading of scenarios for the command: `npm run build` makes both with the rest of dist/. By itself
// (npm run build:lab) it makes dist/lab anew, in two seconds.
import { renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Writes it into a folder, which is made. */
export async function buildLab(folder) {
  await build({
    configFile: join(root, 'lab/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  const reading = await rolldown({
    input: { scenario: join(root, 'lab/engine/scenario.ts') },
    platform: 'neutral',
    tsconfig: join(root, 'tsconfig.json'),
  })
  await reading.write({ dir: folder, format: 'esm', comments: { jsdoc: false } })
  await reading.close()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lab = join(root, 'dist/lab')
  const fresh = join(root, `dist/lab-${process.pid}`)
  await buildLab(fresh)
  rmSync(lab, { recursive: true, force: true })
  renameSync(fresh, lab)
}
