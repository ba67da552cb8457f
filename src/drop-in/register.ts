// node --import jackfield/register app.js: the program's node:net and node:dgram, and all of Node that is built on them (http, https,
// tls, http2, fetch), work on what JACKFIELD_ON names. Nothing of the program is changed.

import { writeSync } from 'node:fs'
import { UsageError } from '../cli/usage-error.ts'
import { providerOfEnvironment } from './provider-of-environment.ts'
import { replaceNode } from './replace-node.ts'

try {
  replaceNode(providerOfEnvironment())
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  writeSync(2, `jackfield: ${error.message}\n`)
  process.exit(2)
}
