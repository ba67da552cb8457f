// The page of the lab as it was built: all its files, by the paths that a browser asks for. Nothing else can be asked for.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { extname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file that is given to whoever asks. */
export interface PageFile {
  readonly path: string
  /** Content-Type. */
  readonly type: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Where the package has it: as deep below the package for sources as for what is made of them. */
export const LAB_FOLDER = new URL('../../../dist/lab/', import.meta.url)

/** The files in `folder` by what stands behind the token in their addresses; '' is the page. Throws an Error where it is not built. */
export function pageFiles(folder: URL = LAB_FOLDER): ReadonlyMap<string, PageFile> {
  const root = fileURLToPath(folder)
  if (!existsSync(`${root}index.html`)) throw new Error(`${root} has no page of the lab: npm run build makes it`)
  const files = new Map<string, PageFile>()
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = `${root}${name}`
    if (statSync(path).isFile()) {
      files.set(name.split(sep).join('/'), { path, type: TYPES[extname(path)] ?? 'application/octet-stream' })
    }
  }
  files.set('', files.get('index.html') as PageFile)
  return files
}
