// The docstrings say nothing that does not compile: every example in them, as a program that imports what the package exports.
// What an example assumes is declared here. One that assumes nothing is run, and gives what its comments say.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import * as node from '../src/adapters/node.ts'
import * as web from '../src/adapters/web.ts'
import * as drill from '../src/drill/index.ts'
import * as main from '../src/index.ts'
import * as os from '../src/os/index.ts'
import * as dhcp from '../src/services/dhcp/index.ts'
import * as names from '../src/services/names/index.ts'
import * as sim from '../src/sim/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src')

/** Where readers of an example find what it names. */
const ENTRIES: readonly (readonly [path: string, exported: Readonly<Record<string, unknown>>])[] = [
  ['index.ts', main],
  ['services/names/index.ts', names],
  ['services/dhcp/index.ts', dhcp],
  ['os/index.ts', os],
  ['adapters/node.ts', node],
  ['adapters/web.ts', web],
  ['drill/index.ts', drill],
  ['sim/index.ts', sim],
]

/** What examples assume: values, by their types, and modules of others. */
const ASSUMED: Readonly<Record<string, string>> = {
  ...of('main.Stack', 'stack', 'here', 'there', 'server', 'client'),
  ...of('main.Socket', 'socket', 'listener', 'channel', 'connection', 'left', 'right'),
  ...of('main.Device', 'device', 'tap'),
  ...of('Uint8Array', 'bytes', 'frame', 'hardwareAddress'),
  ...of('sim.Host', 'alice', 'bob', 'carol', 'host'),
  net: 'sim.Simulation',
  link: 'sim.Link',
  provider: 'main.Provider',
  stacks: 'main.Stack[]',
  networkInterface: 'main.NetworkInterface',
  lan: 'main.Switch',
  clock: 'main.Clock',
  random: 'main.Random',
  message: 'main.Message',
  names: 'names.Names',
  resolver: 'names.Resolver',
  nameServer: 'names.NameServer',
  text: 'string',
  file: 'number & { writeSync(bytes: Uint8Array): void }',
  fs: "typeof import('node:fs')",
  createServer: "typeof import('node:net').createServer",
  httpServer: "import('node:http').Server",
  WebSocketServer: "typeof import('ws').WebSocketServer",
  echoStream: `typeof import('${source}/services/echo.ts').echoStream`,
  target: 'main.SocketAddress',
  options: `Parameters<typeof import('${source}/cli/traceroute/traceroute-run.ts').traceroute>[2]`,
}

function of(type: string, ...values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((name) => [name, type]))
}

interface Example {
  /** Of src/, and the line where the example begins. */
  readonly path: string
  readonly line: number
  readonly code: string
  /** The public things that it names. */
  readonly imports: readonly string[]
  readonly assumed: readonly string[]
  readonly program: string
}

function readExamples(): Example[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .flatMap((path) => {
      const text = readFileSync(join(source, path), 'utf8')
      return [...text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((match) => {
        const code = (match[1] as string).replace(/^ *\* ?/gm, '')
        return readExample(path, text, text.slice(0, match.index).split('\n').length + 1, code)
      })
    })
}

function readExample(path: string, file: string, line: number, code: string): Example {
  const used = [...identifiersOf(code)]
  const exported = new Set(ENTRIES.flatMap(([, entry]) => Object.keys(entry)))
  const imports = used.filter((name) => exported.has(name))
  const assumed = used.filter((name) => !exported.has(name) && name in ASSUMED)
  // What no entry has may be of the file itself, which is for people who work on it.
  const own = used.filter(
    (name) =>
      !exported.has(name) &&
      new RegExp(`^export (async )?(abstract )?(class|const|function\\*?) ${name}\\b`, 'm').test(file),
  )
  const lines = [
    ...ENTRIES.map(([entry, values]) => [imports.filter((name) => firstWith(name) === values), entry] as const),
    [own, path] as const,
  ]
    .filter(([list]) => list.length > 0)
    .map(([list, from]) => `import { ${list.join(', ')} } from '${source}/${from}'`)
  const program = [
    `import type * as main from '${source}/index.ts'`,
    `import type * as names from '${source}/services/names/index.ts'`,
    `import type * as dhcp from '${source}/services/dhcp/index.ts'`,
    `import type * as sim from '${source}/sim/index.ts'`,
    ...lines,
    // Blocks: an example may declare what another assumes.
    '{',
    ...assumed.map((name) => `const ${name} = null as unknown as (${ASSUMED[name]})`),
    '{',
    code,
    '}',
    '}',
  ]
  return { path, line, code, imports, assumed: [...assumed, ...own], program: program.join('\n') }
}

function firstWith(name: string): unknown {
  return ENTRIES.find(([, entry]) => name in entry)?.[1]
}

/** The names in a piece of code that are not names of properties. */
function identifiersOf(code: string): Set<string> {
  const found = new Set<string>()
  const visit = (one: ts.Node): void => {
    const parent = one.parent as ts.Node | undefined
    const property =
      parent !== undefined &&
      ((ts.isPropertyAccessExpression(parent) && parent.name === one) ||
        (ts.isPropertyAssignment(parent) && parent.name === one))
    if (ts.isIdentifier(one) && !property) found.add(one.text)
    ts.forEachChild(one, visit)
  }
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true))
  return found
}

function compile(examples: readonly Example[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  const settings = {
    ...options,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const programs = new Map(examples.map((example) => [programPath(example), example.program]))
  const host = ts.createCompilerHost(settings)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => programs.has(path) || fileExists.call(host, path)
  host.getSourceFile = (path, language, ...rest) => {
    const program = programs.get(path)
    return program === undefined
      ? getSourceFile.call(host, path, language, ...rest)
      : ts.createSourceFile(path, program, language, true)
  }
  return ts.createProgram([join(source, 'services/names/index.ts'), ...programs.keys()], settings, host)
}

function programPath({ path, line }: Example): string {
  return join(root, 'test', `docstring ${path.replaceAll('/', ' ')} ${line}.ts`)
}

const examples = readExamples()
const program = compile(examples)
const titled = examples.map((example) => [`${example.path}:${example.line}`, example] as const)

test('there are examples of every public room', () => {
  const rooms = new Set(examples.map(({ path }) => path.split('/')[0]))
  for (const room of [
    'adapters',
    'base',
    'device',
    'drill',
    'os',
    'platform',
    'services',
    'sim',
    'socket',
    'stack',
    'wire',
  ]) {
    expect(rooms, room).toContain(room)
  }
  expect(examples.length).toBeGreaterThan(50)
})

test.each(titled)('the example at %s compiles', (_, example) => {
  const file = program.getSourceFile(programPath(example))
  const wrong = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
})

describe('an example that assumes nothing gives what its comments say', () => {
  /** Lines such as `f(1) // 2`, whose comment is a value. */
  const CLAIM = /^(?!const |let |\/\/|await )(.+?) \/\/ ('.*'|-?\d\S*|true|false|null|[[{].*[\]}])$/gm
  const literal = (text: string): { value: unknown } | null => {
    try {
      return { value: new Function(`'use strict'; return (${text})`)() }
    } catch {
      return null
    }
  }
  const claiming = titled.filter(
    ([, { code, assumed }]) =>
      assumed.length === 0 && [...code.matchAll(CLAIM)].some(([, , value]) => literal(value as string) !== null),
  )

  test('there are some', () => expect(claiming.length).toBeGreaterThan(5))

  test.each(claiming)('%s', (_, { code, imports }) => {
    const checked = code.replace(CLAIM, (line, call: string, value: string) =>
      literal(value) === null ? line : `claim((${call}), (${value}))`,
    )
    const { outputText } = ts.transpileModule(checked, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
    const values = imports.map((name) => (firstWith(name) as Record<string, unknown>)[name])
    const claim = (got: unknown, said: unknown) => expect(got).toEqual(said)
    new Function('claim', ...imports, outputText)(claim, ...values)
  })
})

test('every function and class of jackfield/names has an example', () => {
  const checker = program.getTypeChecker()
  const entry = program.getSourceFile(join(source, 'services/names/index.ts')) as ts.SourceFile
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(entry) as ts.Symbol)
  const without = exported
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ flags }) => (flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) !== 0)
    .filter((symbol) => {
      const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? ''
      const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
      return relative(source, file).startsWith('services/names/') && !text.includes('```ts')
    })
  expect(without.map(({ name }) => name)).toEqual([])
})
