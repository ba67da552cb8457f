import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** The scripts that `paths` name: files as they are, of folders every .pkt file in them and below, in order. */
export function scriptFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt'))
    if (found.length === 0) throw new UsageError(`${JSON.stringify(path)} holds no scripts: their names end in .pkt`)
    return found.sort().map((name) => join(path, name))
  })
}
