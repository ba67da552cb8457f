// A program as it stands in an editor becomes a function: its types go, its imports become lookups, each loop and each call asks first
// whether it may go on, and what may be large is shown to whoever counts memory. Nothing moves from its line, so that what goes wrong
// is told where it stands.

import { eraseTypes } from './erase-types.ts'
import { MemoryWatch } from './memory-watch.ts'
import { Rewriting } from './rewriting.ts'
import { LATER, MODULE, TICK } from './scope-names.ts'
import { isNode, parse, type Tree, walk, wrong } from './syntax-tree.ts'

/**
 * The JavaScript of a program, to be the body of an asynchronous function: as many lines as it had. Throws a ProgramSyntaxError.
 * `modules` are the names that may be imported.
 */
export function compile(source: string, modules: readonly string[]): string {
  const rewriting = new Rewriting(source)
  const tree = parse(source)
  eraseTypes(tree, rewriting)
  const memory = new MemoryWatch(rewriting)
  walk(tree, null, (node, parent) => {
    const close = guard(node, parent, rewriting)
    const made = memory.visit(node)
    modularize(node, rewriting, modules)
    return () => {
      made()
      close()
    }
  })
  return rewriting.toString()
}

const LOOPS = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'])
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

const nothing = () => {}

// What goes on without end is a loop or a function that is called again and again. What is to be written behind a node is written when
// that of its children is.
function guard(node: Tree, parent: Tree | null, rewriting: Rewriting): () => void {
  if (!LOOPS.has(node.type) && !FUNCTIONS.has(node.type)) return nothing
  const body = node['body']
  if (!isNode(body)) return nothing
  const tick = `${TICK}(${node.loc?.start.line ?? 0})`
  if (body.type === 'BlockStatement') {
    if (!isConstructor(parent)) rewriting.insert(body.start + 1, `${tick};`)
    return nothing
  }
  const isArrow = node.type === 'ArrowFunctionExpression'
  rewriting.insert(body.start, isArrow ? `(${tick},` : `{${tick};`)
  return () => rewriting.insert(body.end, isArrow ? ')' : '}')
}

// Before super() is called nothing else may be that uses `this`; a call of ours would not, but a constructor that loops is rare.
function isConstructor(parent: Tree | null): boolean {
  return parent?.type === 'MethodDefinition' && parent['kind'] === 'constructor'
}

function modularize(node: Tree, rewriting: Rewriting, modules: readonly string[]): void {
  switch (node.type) {
    case 'ImportDeclaration':
      importDeclaration(node, rewriting, modules)
      break
    case 'ImportExpression':
      rewriting.replace(node.start, node.start + 'import'.length, LATER)
      break
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      exportDeclaration(node, rewriting)
      break
    case 'ExportAllDeclaration':
      throw wrong(node, 'a program of the lab exports nothing to others')
    case 'MetaProperty':
      if (isNode(node['meta']) && node['meta']['name'] === 'import')
        throw wrong(node, 'import.meta is not here: a program of the lab is no file')
      break
  }
}

function importDeclaration(node: Tree, rewriting: Rewriting, modules: readonly string[]): void {
  // Those of types alone are gone already.
  if (node['importKind'] === 'type') return
  const source = node['source'] as Tree
  const name = String(source['value'])
  if (!modules.includes(name)) {
    throw wrong(source, `there is no module ${JSON.stringify(name)} in the lab: there are ${modules.join(', ')}`)
  }
  const lookup = (names: readonly string[]) =>
    `${MODULE}(${JSON.stringify(name)},${node.loc?.start.line ?? 1},${JSON.stringify(names)})`
  const parts: string[] = []
  const named: string[] = []
  const names: string[] = []
  for (const specifier of node['specifiers'] as readonly Tree[]) {
    if (specifier['importKind'] === 'type') continue
    const local = (specifier['local'] as Tree)['name'] as string
    if (specifier.type === 'ImportNamespaceSpecifier') parts.push(`${local}=${lookup([])}`)
    else if (specifier.type === 'ImportDefaultSpecifier') parts.push(`${local}=${lookup(['default'])}.default`)
    else {
      const imported = specifier['imported'] as Tree
      const from = String(imported.type === 'Literal' ? imported['value'] : imported['name'])
      names.push(from)
      named.push(from === local ? local : `${JSON.stringify(from)}:${local}`)
    }
  }
  if (named.length > 0) parts.push(`{${named.join(',')}}=${lookup(names)}`)
  // Imports are there before anything runs, wherever they stand: a program that has them elsewhere is told so by its first use.
  rewriting.replace(node.start, node.end, parts.length > 0 ? `const ${parts.join(',')};` : `${lookup([])};`)
}

function exportDeclaration(node: Tree, rewriting: Rewriting): void {
  const declaration = node['declaration']
  if (isNode(declaration) && node.type === 'ExportNamedDeclaration') {
    rewriting.replace(node.start, declaration.start, '')
    return
  }
  throw wrong(node, 'a program of the lab exports nothing to others')
}
