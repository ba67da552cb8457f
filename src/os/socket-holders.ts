// Read first: proc(5) on /proc/PID/fd.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { NetstatHolder } from '../base/netstat-entry.ts'

const SOCKET = /^socket:\[(\d+)\]$/

/**
 * Who has which socket open, by the sockets' inodes: of every process whose descriptors this user may see. Processes that come and go
 * meanwhile may be missed.
 */
export async function socketHolders(): Promise<Map<number, NetstatHolder[]>> {
  const holders = new Map<number, NetstatHolder[]>()
  for (const entry of list('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    note(holders, Number(entry))
    // A machine may have many: others have their turn between two of them.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return holders
}

function note(holders: Map<number, NetstatHolder[]>, pid: number): void {
  let name: string | null = null
  for (const text of list(`/proc/${pid}/fd`)) {
    const inode = socketOf(`/proc/${pid}/fd/${text}`)
    if (inode === null) continue
    name ??= nameOf(pid)
    const known = holders.get(inode)
    const holder = { pid, fd: Number(text), name }
    if (known === undefined) holders.set(inode, [holder])
    else known.push(holder)
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // It has ended, or is another user's.
    return []
  }
}

function socketOf(path: string): number | null {
  try {
    const found = SOCKET.exec(readlinkSync(path))
    return found === null ? null : Number(found[1])
  } catch {
    return null
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '')
  } catch {
    return ''
  }
}
