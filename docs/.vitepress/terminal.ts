// A terminal of a page is coloured as one: the prompt, what is typed, what is printed, what is left out.

import type { LanguageInput } from 'shiki'

export const terminal: LanguageInput = {
  name: 'console',
  scopeName: 'source.console',
  repository: {},
  patterns: [
    {
      // What ends with a backslash goes on in the next line.
      begin: '^((?:[a-z][\\w-]*)?[$<]) ',
      beginCaptures: { 1: { name: 'comment' } },
      end: '(?<!\\\\)(?=\\n)',
      contentName: 'entity.name.function',
    },
    { match: '^[a-z][\\w-]*\\$$', name: 'comment' },
    { match: '…', name: 'comment' },
  ],
}
