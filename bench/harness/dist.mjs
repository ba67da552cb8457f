import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The build that is measured: what the harness says, or the working tree's own. */
export const dist = process.env.JACKFIELD_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url))

/** A module of it. */
export const fromDist = (path) => import(pathToFileURL(join(dist, path)).href)
