// The declarations that the package ships, as programs of others see them: what README.md says that they need.

import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

// In the package, whose name it may import then; it exists nowhere else.
const program = fileURLToPath(new URL('user.mts', import.meta.url))
const text = `
import { AF_INET, SOCK_STREAM, Socket, Stack } from 'jackfield'
import { runScript } from 'jackfield/drill'
import { Simulation } from 'jackfield/sim'
export const socket = new Socket(new Stack(), AF_INET, SOCK_STREAM)
export const made = [runScript, new Simulation()]
`

/** Each file is read once for all. */
const parsed = new Map<string, ts.SourceFile | undefined>()

/** What TypeScript finds wrong in the program and in all declarations. */
function complaints(lib: readonly string[], types: readonly string[]): Set<string> {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types: [...types],
    skipLibCheck: false,
    skipDefaultLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (name) => name === program || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    if (name === program) return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest))
    return parsed.get(name)
  }
  const found = ts.getPreEmitDiagnostics(ts.createProgram([program], options, host))
  return new Set(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')))
}

test('they ask for AbortSignal, and nothing else that ES2022 lacks; DOM or the types of Node have it', () => {
  expect(complaints(['es2022'], [])).toEqual(new Set(["Cannot find name 'AbortSignal'."]))
  expect(complaints(['es2022', 'dom'], [])).toEqual(new Set())
  expect(complaints(['es2022'], ['node'])).toEqual(new Set())
})
