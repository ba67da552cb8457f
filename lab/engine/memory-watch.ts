import type { Rewriting } from './rewriting.ts'
import { MADE } from './scope-names.ts'
import { isNode, type Tree } from './syntax-tree.ts'

/** Methods that may make something large of something small, or a copy of what is large already. */
const GROWING = new Set([
  ...[
    'alloc',
    'arrayBuffer',
    'concat',
    'encode',
    'fill',
    'filter',
    'flat',
    'flatMap',
    'from',
    'fromEntries',
    'join',
    'map',
    'of',
  ],
  ...[
    'padEnd',
    'padStart',
    'parse',
    'repeat',
    'replaceAll',
    'resize',
    'slice',
    'splice',
    'split',
    'stringify',
    'toReversed',
  ],
  ...['toSorted', 'toSpliced', 'transfer', 'with'],
])

/** Has what a program makes shown to whoever counts its memory, where it may be large: `__made(line, value)`. */
export class MemoryWatch {
  readonly #rewriting: Rewriting
  /** Nodes whose place takes no call of a function: what `new` is written before, and all between the marks of an optional chain. */
  readonly #left = new WeakSet<Tree>()

  constructor(rewriting: Rewriting) {
    this.#rewriting = rewriting
  }

  /** Returns what is to be done when the node's children have been visited. */
  visit(node: Tree): () => void {
    if (node.type === 'NewExpression') this.#leave(node['callee'])
    if (node.type === 'ChainExpression') this.#leave(node['expression'])
    if (this.#left.has(node) || !mayBeLarge(node)) return () => {}
    this.#rewriting.insert(node.start, `${MADE}(${node.loc?.start.line ?? 0},`)
    return () => this.#rewriting.insert(node.end, ')')
  }

  #leave(node: unknown): void {
    for (let inner = node; isNode(inner); inner = inner.type === 'CallExpression' ? inner['callee'] : inner['object']) {
      this.#left.add(inner)
    }
  }
}

function mayBeLarge(node: Tree): boolean {
  switch (node.type) {
    case 'NewExpression':
      return true
    case 'ArrayExpression':
      return (node['elements'] as readonly unknown[]).some((one) => isNode(one) && one.type === 'SpreadElement')
    case 'CallExpression': {
      const callee = node['callee'] as Tree
      // Array(n) makes what new Array(n) does.
      if (callee.type === 'Identifier') return callee['name'] === 'Array' || callee['name'] === 'structuredClone'
      const property = callee['property']
      return isNode(property) && property.type === 'Identifier' && GROWING.has(property['name'] as string)
    }
    default:
      return false
  }
}
