import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeNetwork } from '../interop/requirements.ts'

const installed = fileURLToPath(new URL('node_modules/', import.meta.url))

/**
 * describe() for tests that need the programs named (files by their path) and what `npm ci --prefix test/ecosystem --ignore-scripts`
 * installs, besides what all tests need that talk to the kernel.
 */
export function describeEcosystem(title: string, programs: readonly string[], tests: () => void): void {
  const packages = existsSync(installed) ? [] : [`the packages of test/ecosystem (npm ci --prefix test/ecosystem)`]
  const files = programs.filter((name) => name.startsWith('/') && !existsSync(name))
  const named = programs.filter((name) => !name.startsWith('/'))
  describeNetwork(title, [...packages, ...files, ...named], tests)
}
