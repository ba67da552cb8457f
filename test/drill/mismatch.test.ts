// A drill that passes everything proves nothing: each script below mismatch/ says in its first line where it fails, and why.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { formatResult, ipVersionsOf, parseScript, runScript } from '../../src/drill/index.ts'

const root = fileURLToPath(new URL('mismatch/', import.meta.url))
const files = readdirSync(root).sort()

describe('a script that expects what is not so fails, and says what is', () => {
  for (const name of files) {
    it.each(ipVersionsOf(name))(`${name} [%s]`, (ipVersion) => {
      const text = readFileSync(root + name, 'utf8')
      const [, line, message] = /^\/\/ FAILS at line (\d+): \/(.*)\/$/m.exec(text) as unknown as [
        string,
        string,
        string,
      ]
      const result = runScript(parseScript(text, name, { ipVersion }))
      expect(result.ok).toBe(false)
      expect(result.failure?.message).toMatch(new RegExp(message))
      expect(result.failure?.line).toBe(Number(line))
      // It can be found: file, line, message, and where there is more to show, what was expected and what was seen.
      expect(formatResult(result).startsWith(`${name}:${line}: ${result.failure?.message}`)).toBe(true)
    })
  }
})
