// The rooms base and wire of the checkout that a build belongs to, file by file: what a build joins together is not to be had alone.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'

/** Compiles both rooms into a folder that goes with the process; returns how to import a file of them. */
export function openSource(root) {
  const folder = mkdtempSync(join(root, 'dist-wire-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  for (const room of ['base', 'wire']) {
    for (const name of readdirSync(join(root, 'src', room)).filter((file) => /(?<!\.d)\.ts$/.test(file))) {
      const { outputText } = ts.transpileModule(readFileSync(join(root, 'src', room, name), 'utf8'), {
        compilerOptions,
      })
      const path = join(folder, room, name.replace(/\.ts$/, '.js'))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, outputText)
    }
  }
  return (path) => import(pathToFileURL(join(folder, path)).href)
}
