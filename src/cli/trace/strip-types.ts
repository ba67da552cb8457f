// Has Node run .ts programs where it does not by itself (before 22.18): types become blanks, so that lines and columns stay.
// Read first: "Customization Hooks" of node:module.

import { readFile } from 'node:fs/promises'
import type { LoadHook } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What the package throws: no Error, but an object with this much. */
interface StripFailure {
  readonly message?: string
  readonly startLine?: number
  readonly code?: string
}

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/^file:.*\.m?ts$/.test(url)) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const strip = await stripper()
  const source = await readFile(path, 'utf8')
  try {
    return { format: 'module', source: strip(source, { mode: 'strip-only', filename: path }).code, shortCircuit: true }
  } catch (error) {
    const { message, startLine } = error as StripFailure
    const where = startLine === undefined ? path : `${path}:${startLine}`
    throw new SyntaxError(`${where}: ${message ?? String(error)}`)
  }
}

async function stripper() {
  try {
    return (await import('@swc/wasm-typescript')).transformSync
  } catch (error) {
    throw new Error(
      `Node ${process.versions.node} runs no TypeScript by itself: run a .js program, take Node 22.18 or later, or npm install @swc/wasm-typescript`,
      { cause: error },
    )
  }
}
