// Has Node run .ts programs where it does not by itself (before 22.18): types become blanks, so that lines and columns stay.
// Read first: "Customization Hooks" of node:module.

import { readFile } from 'node:fs/promises'
import type { LoadHook } from 'node:module'
import { fileURLToPath } from 'node:url'
import { INVALID_SYNTAX, NO_TYPESCRIPT, UNSUPPORTED_SYNTAX } from './load-failure.ts'

/** What the package throws: no Error, but an object with this much. */
interface StripFailure {
  readonly code?: string
  readonly message?: string
  readonly snippet?: string
  readonly startLine?: number
}

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/^file:[^?#]*\.m?ts(?:[?#]|$)/.test(url)) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const source = await readFile(path, 'utf8')
  const strip = await stripper(path)
  try {
    return { format: 'module', source: strip(source, { mode: 'strip-only', filename: path }).code, shortCircuit: true }
  } catch (error) {
    throw syntaxError(path, error as StripFailure)
  }
}

/** What later releases of Node throw: the code, and the place in front of the stack. */
function syntaxError(path: string, failure: StripFailure): Error {
  const { code, message = String(failure), snippet = '\n^', startLine = 1 } = failure
  const error = new SyntaxError(message)
  error.stack = `${path}:${startLine}\n${snippet}\nSyntaxError: ${message}`
  return Object.assign(error, { code: code === 'UnsupportedSyntax' ? UNSUPPORTED_SYNTAX : INVALID_SYNTAX })
}

async function stripper(path: string) {
  try {
    return (await import('@swc/wasm-typescript')).transformSync
  } catch (cause) {
    const message = `${path}: Node ${process.versions.node} runs no TypeScript by itself: give a .js program, take Node 22.18 or later, or npm install @swc/wasm-typescript`
    throw Object.assign(new Error(message, { cause }), { code: NO_TYPESCRIPT })
  }
}
