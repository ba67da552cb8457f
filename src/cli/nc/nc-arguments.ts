// Read first: nc(1), OpenBSD's.

import { UsageError } from '../usage-error.ts'

export interface NcFlags {
  readonly listen?: boolean
  readonly udp?: boolean
  readonly port?: string
  readonly source?: string
  readonly wait?: number
  readonly quit?: number
  readonly receptions?: number
  readonly shutdown?: boolean
  readonly scan?: boolean
  readonly verbose?: boolean
  readonly keep?: boolean
  readonly numeric?: boolean
  readonly detached?: boolean
}

/** What is meant: whom to listen for, or where to connect to. */
export interface NcRequest {
  /** Null: any address (-l). */
  readonly host: string | null
  /** The first and the last of them; -z alone may have several. */
  readonly ports: readonly [number, number]
  /** -p, of who connects. 0: any. */
  readonly sourcePort: number
}

/** Reads the words of nc. Throws a UsageError that names what is wrong with them. */
export function ncRequest(words: readonly string[], flags: NcFlags): NcRequest {
  checkTogether(flags)
  const { listen = false, scan = false, port } = flags
  // With -l the port may stand alone, or be that of -p.
  const own = listen && port !== undefined
  if (own ? words.length > 1 : words.length > 2) throw new UsageError(`nc has one word too many: ${words.join(' ')}`)
  const host = own ? words[0] : words.length === 2 ? words[0] : listen ? undefined : null
  const text = own ? port : words[words.length - 1]
  if (text === undefined || host === null) {
    throw new UsageError('nc needs a host and a port, or -l and a port, such as nc 10.9.0.1 7')
  }
  const ports = portsOf(text, scan)
  return { host: host ?? null, ports, sourcePort: listen || port === undefined ? 0 : portOf(port, port) }
}

function checkTogether({ listen, scan, keep, source, shutdown, udp }: NcFlags): void {
  const exclude = (one: string, other: string) => new UsageError(`${one} and ${other} exclude each other; write one`)
  if (listen && scan) throw exclude('-l', '-z')
  if (listen && source !== undefined) throw exclude('-l', '-s')
  if (keep && !listen) throw new UsageError('-k is for who listens: it needs -l')
  if (shutdown && udp) throw new UsageError('-N ends a direction of a connection, and -u has none; write one')
}

function portsOf(text: string, several: boolean): [number, number] {
  const [low = '', high, more] = text.split('-')
  if (high === undefined) return [portOf(low, text), portOf(low, text)]
  if (!several) throw new UsageError(`port ${JSON.stringify(text)} is several; only -z looks at more than one`)
  const ports: [number, number] = [portOf(low, text), portOf(high, text)]
  if (more !== undefined || ports[0] > ports[1]) {
    throw new UsageError(`ports ${JSON.stringify(text)} must be LOW-HIGH, such as 20-25`)
  }
  return ports
}

function portOf(text: string, whole: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new UsageError(`nc has port ${JSON.stringify(whole)}; a port is a number from 1 to 65535`)
  }
  return port
}
