// What the programs of a test file show (showSockets) is in a folder of that file's own: those of others, which run beside it, would be
// listed too where it looks for its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
// First: it says where folders for temporary files are.
import './environment.setup.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-run-'))
process.env['XDG_RUNTIME_DIR'] = folder

afterAll(() => rmSync(folder, { recursive: true, force: true }))
