// A program as a tree, with its types: what reads it and what is wrong with it.

import { tsPlugin } from '@sveltejs/acorn-typescript'
import { type Node, Parser } from 'acorn'

/** A program that cannot be read: where, from line 1 and column 0 on, and why. */
export class ProgramSyntaxError extends Error {
  override readonly name = 'SyntaxError'
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number) {
    super(message)
    this.line = line
    this.column = column
  }
}

const TypeScript = Parser.extend(tsPlugin())

/** A node of the tree, of whatever kind: fields are looked at by name. */
export type Tree = Node & Readonly<Record<string, unknown>>

interface Position {
  readonly line: number
  readonly column: number
}

/** Throws a ProgramSyntaxError. */
export function parse(source: string): Tree {
  try {
    return TypeScript.parse(source, {
      ecmaVersion: 'latest',
      sourceType: 'module',
      locations: true,
      preserveParens: true,
    }) as Node as Tree
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const { loc, pos } = error as SyntaxError & { readonly loc?: Position; readonly pos?: number }
    const said = error.message.replace(/ \(\d+:\d+\)$/, '')
    const ended = said === 'Unexpected token' && pos === source.length
    const message = ended ? 'the program ends here, and a bracket is still open' : said
    throw new ProgramSyntaxError(message, loc?.line ?? 1, loc?.column ?? 0)
  }
}

export function isNode(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && typeof (value as Tree).type === 'string'
}

/** Shows each node to `visit`, parents first. A function that it returns is called when the node's children have been shown. */
export function walk(node: Tree, parent: Tree | null, visit: (node: Tree, parent: Tree | null) => unknown): void {
  const leave = visit(node, parent)
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const entry of value) if (isNode(entry)) walk(entry, node, visit)
    } else if (isNode(value)) {
      walk(value, node, visit)
    }
  }
  if (typeof leave === 'function') leave()
}

/** An error at a node. */
export function wrong(node: Tree, message: string): ProgramSyntaxError {
  return new ProgramSyntaxError(message, node.loc?.start.line ?? 1, node.loc?.start.column ?? 0)
}
