// Read first: extcap(4), "Extcap path" of `tshark -G folders`.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileFailure } from '../file-failure.ts'
import { UsageError } from '../usage-error.ts'

/** What the file is called: Wireshark shows it where an interface of it fails. */
const NAME = 'jackfield'
/** By which we know what we have written. */
const MARK = '# Lets Wireshark list the interfaces of Jackfield: jackfield capture --uninstall-extcap takes it away.'

/** Where Wireshark looks: in the user's folder for them from 4.2 on, before in one beside his preferences. */
export function extcapFolder(): string {
  for (const program of ['tshark', 'wireshark']) {
    const { stdout } = spawnSync(program, ['-G', 'folders'], { encoding: 'utf8', timeout: 20_000 })
    const folderOf = (what: string) => new RegExp(`^${what}:\\s*(.+?)\\s*$`, 'm').exec(stdout ?? '')?.[1]
    const own = folderOf('Personal Extcap path')
    if (own !== undefined) return own
    const preferences = folderOf('Personal configuration')
    if (preferences !== undefined) return join(preferences, 'extcap')
  }
  return join(homedir(), '.local/lib/wireshark/extcap')
}

/** Installs the extcap, and returns its path. `folder`: null for where Wireshark looks. */
export function installExtcap(folder: string | null): string {
  const path = pathIn(folder)
  const [, command = ''] = process.argv
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const script = `#!/bin/sh\n${MARK}\nexec ${quoted(process.execPath)} ${quoted(command)} capture "$@"\n`
  try {
    if (isOthers(path))
      throw new UsageError(
        `${JSON.stringify(path)} is there already, and is not ours: remove it, or name another folder`,
      )
    mkdirSync(folder ?? extcapFolder(), { recursive: true })
    writeFileSync(path, script)
    chmodSync(path, 0o755)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new Error(`--install-extcap: ${fileFailure(path, error)}`)
  }
  return path
}

/** Takes it away, and returns its path; null where there is none. */
export function uninstallExtcap(folder: string | null): string | null {
  const path = pathIn(folder)
  if (isOthers(path)) throw new UsageError(`--uninstall-extcap: ${JSON.stringify(path)} is not ours: it stays`)
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`--uninstall-extcap: ${fileFailure(path, error)}`)
  }
  return path
}

function pathIn(folder: string | null): string {
  return join(folder ?? extcapFolder(), NAME)
}

function isOthers(path: string): boolean {
  try {
    return !readFileSync(path, 'utf8').includes(MARK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
