// The peers that are compiled: what can be, into a folder, and why not.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../peers', import.meta.url))
/** Where Debian's golang-*-dev packages lie. */
const GOPATH = '/usr/share/gocode'

function attempt(program, args, options = {}) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options })
  if (error !== undefined) return error.code === 'ENOENT' ? `there is no ${program}` : error.message
  return status === 0 ? null : `${program}: ${stderr.trim().split('\n').slice(-3).join(' | ')}`
}

/** Why `name`.c could not be compiled, or null. */
export function compileC(folder, name) {
  return attempt('gcc', ['-O2', '-o', join(folder, name), join(sources, `${name}.c`)])
}

/** Why gVisor's netstack could not, or null. */
export function compileGvisor(folder) {
  if (!existsSync(join(GOPATH, 'src/gvisor.dev/gvisor/pkg/tcpip'))) {
    return 'there is no gVisor (Debian: golang-go, golang-gvisor-gvisor-dev)'
  }
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '' }
  return attempt('go', ['build', '-o', join(folder, 'gvisor'), '.'], { cwd: join(sources, 'gvisor'), env })
}

/** The first line that a program says of itself, or null where it is missing. */
export function versionOf(program, ...args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n')[0].trim() : null
}
