import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

function read(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

/** What the figures were measured on, and of what. */
export function describeMachine() {
  const processors = cpus()
  const changed = git('status', '--porcelain', '--untracked-files=no')
  return {
    date: new Date().toISOString(),
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    kernel: `${type()} ${release()}`,
    congestionControl: read('/proc/sys/net/ipv4/tcp_congestion_control'),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8,
    commit: git('rev-parse', '--short=10', 'HEAD'),
    // Null outside a checkout, where nobody can tell.
    dirty: changed === null ? null : changed !== '',
  }
}
