import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** The scripts that `paths` name: files as they are, of folders every .pkt file in them and below, in order. */
export function scriptFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw new UsageError(`${JSON.stringify(path)} cannot be read: there is no such file`)
    if (!found.isDirectory()) return [path]
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt'))
    if (names.length === 0) throw new UsageError(`${JSON.stringify(path)} holds no scripts: their names end in .pkt`)
    return names.sort().map((name) => join(path, name))
  })
}
