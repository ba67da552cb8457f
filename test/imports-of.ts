import ts from 'typescript'

/** Every module that `source` names: import, export from, import(), import type, require(). */
export function importsOf(source: string): string[] {
  const found: string[] = []
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true)
  const take = (node: ts.Node | undefined) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push(node.text)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) take(node.moduleSpecifier)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) take(node.argument.literal)
    else if (ts.isCallExpression(node)) {
      const { expression } = node
      const called = ts.isIdentifier(expression) ? expression.text : ''
      if (expression.kind === ts.SyntaxKind.ImportKeyword || called === 'require') take(node.arguments[0])
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}
