// Read first: TypeScript's "erasableSyntaxOnly". Types are blanked where they stand; what would have to be made into code is refused.

import type { Rewriting } from './rewriting.ts'
import { isNode, type Tree, walk, wrong } from './syntax-tree.ts'

/** Nodes that are types and nothing else. */
const TYPES = new Set([
  'TSTypeAnnotation',
  'TSTypeParameterDeclaration',
  'TSTypeParameterInstantiation',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSDeclareFunction',
  'TSDeclareMethod',
  'TSIndexSignature',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
])

const REFUSED: Readonly<Record<string, string>> = {
  TSEnumDeclaration: 'enums are not erasable: use a const object',
  TSModuleDeclaration: 'namespaces are not erasable: use plain declarations',
  TSParameterProperty: 'parameter properties are not erasable: declare a field and assign it',
  TSImportEqualsDeclaration: 'import = is not erasable: use import',
  TSExportAssignment: 'export = is not erasable',
}

/** Words that stand in front of members and classes. */
const MODIFIERS = /\b(?:public|private|protected|readonly|abstract|override|declare)\b/g

/** Blanks all types of `tree`. Throws a ProgramSyntaxError at what types alone cannot take away. */
export function eraseTypes(tree: Tree, rewriting: Rewriting): void {
  const { source } = rewriting
  walk(tree, null, (node) => {
    const refused = REFUSED[node.type]
    if (refused !== undefined && node['declare'] !== true) throw wrong(node, refused)
    if (TYPES.has(node.type) || node['declare'] === true || isBodiless(node)) rewriting.blank(node.start, node.end)
    else if (
      node.type === 'TSAsExpression' ||
      node.type === 'TSSatisfiesExpression' ||
      node.type === 'TSNonNullExpression'
    ) {
      rewriting.blank((node['expression'] as Tree).end, node.end)
    } else if (node.type === 'TSTypeAssertion') rewriting.blank(node.start, (node['expression'] as Tree).start)
    else if (node.type === 'TSInstantiationExpression') rewriting.blank((node['expression'] as Tree).end, node.end)
    else if (node['importKind'] === 'type' || node['exportKind'] === 'type') typeImport(node, rewriting)
    else if (node.type === 'PropertyDefinition' || node.type === 'MethodDefinition') member(node, rewriting, source)
    else if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') classHead(node, rewriting, source)
    else if (node.type === 'VariableDeclarator' && node['definite'] === true) definite(node, rewriting, source)
    else if (node.type === 'Identifier') mark(node, rewriting, source)
    if ('params' in node) thisParameter(node, rewriting, source)
  })
}

/** Members that are abstract, and those that say only how another may be called. */
function isBodiless(node: Tree): boolean {
  if (node.type !== 'MethodDefinition' && node.type !== 'PropertyDefinition') return false
  const value = node['value']
  return node['abstract'] === true || (node.type === 'MethodDefinition' && isNode(value) && !isNode(value['body']))
}

function typeImport(node: Tree, rewriting: Rewriting): void {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') rewriting.blank(node.start, node.end)
}

function member(node: Tree, rewriting: Rewriting, source: string): void {
  const key = node['key'] as Tree
  modifiers(node.start, key.start, rewriting, source)
  // "?" and "!" behind the name.
  const end = isNode(node['typeAnnotation'])
    ? (node['typeAnnotation'] as Tree).start
    : isNode(node['value'])
      ? (node['value'] as Tree).start
      : node.end
  blankMark(key.end, end, rewriting, source)
}

function classHead(node: Tree, rewriting: Rewriting, source: string): void {
  const head = isNode(node['id']) ? (node['id'] as Tree).start : (node['body'] as Tree).start
  modifiers(node.start, head, rewriting, source)
  const implemented = (node['implements'] as readonly Tree[] | undefined) ?? []
  const [first] = implemented
  const last = implemented.at(-1)
  if (first === undefined || last === undefined) return
  rewriting.blank(source.lastIndexOf('implements', first.start), last.end)
}

function definite(node: Tree, rewriting: Rewriting, source: string): void {
  const id = node['id'] as Tree
  const annotation = id['typeAnnotation']
  const from = id.start + String(id['name']).length
  blankMark(from, isNode(annotation) ? annotation.start + 1 : node.end, rewriting, source)
}

// A parameter's "?" stands between its name and its type, which both are of its node.
function mark(node: Tree, rewriting: Rewriting, source: string): void {
  const annotation = node['typeAnnotation']
  const from = node.start + String(node['name']).length
  const to = isNode(annotation) ? annotation.start : node.end
  if (node['optional'] === true) blankMark(from, to + 1, rewriting, source)
}

function thisParameter(node: Tree, rewriting: Rewriting, source: string): void {
  const [first, second] = node['params'] as readonly Tree[]
  if (first?.type !== 'Identifier' || first['name'] !== 'this') return
  const end = second?.start ?? source.indexOf(')', first.end)
  rewriting.blank(first.start, end)
}

function modifiers(from: number, to: number, rewriting: Rewriting, source: string): void {
  for (const match of source.slice(from, to).matchAll(MODIFIERS)) {
    rewriting.blank(from + match.index, from + match.index + match[0].length)
  }
}

function blankMark(from: number, to: number, rewriting: Rewriting, source: string): void {
  const found = /^\s*([?!])(?!=)/.exec(source.slice(from, to))
  if (found === null) return
  const at = from + found[0].length - 1
  rewriting.blank(at, at + 1)
}
