// The files of a host of the lab: there is its table of hosts, and nothing else.

import { machine } from '../machine.ts'

/** Throws as Node does for a file that there is not. */
function missing(call: string, path: unknown): never {
  throw Object.assign(new Error(`ENOENT: no such file or directory, ${call} '${String(path)}'`), { code: 'ENOENT' })
}

export function readFileSync(path: string): string {
  return path === '/etc/hosts' ? machine.hosts : missing('open', path)
}

export function existsSync(path: string): boolean {
  return path === '/etc/hosts'
}

export function openSync(path: string): never {
  return missing('open', path)
}

export function writeSync(): never {
  return missing('write', '')
}
