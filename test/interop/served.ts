import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Namespace, type Outcome, type Running, type RunOptions } from './namespace.ts'

/** Addresses of the kernel's end of the link and of the stack's. */
export const KERNEL = '10.9.0.1'
export const STACK = '10.9.0.2'
export const KERNEL6 = 'fd09::1'
export const STACK6 = 'fd09::2'

/** The stack's place on a link of both families: what --on says of it. */
export const PLACE: string = `${STACK}/24,${STACK6}/64,via ${KERNEL},via ${KERNEL6},dad=off`

/** The two families, and how each writes the addresses; `url` is the stack's name in a URL. */
export const FAMILIES = [
  { family: 'IPv4', flag: '-4', kernel: KERNEL, stack: STACK, url: STACK },
  { family: 'IPv6', flag: '-6', kernel: KERNEL6, stack: STACK6, url: `[${STACK6}]` },
] as const

export const COMMAND: string = fileURLToPath(new URL('../../bin/jackfield', import.meta.url))

export interface ServedOptions {
  readonly services?: readonly string[]
  readonly kind?: 'tap' | 'tun'
  /** More of --on: "mtu=9000". */
  readonly on?: string
  /** More arguments of `jackfield serve`. */
  readonly options?: readonly string[]
  /** More arguments of `ip link set`, for the kernel's end. */
  readonly link?: readonly string[]
}

/** `jackfield serve` in a network namespace of its own, ready, joined to the kernel, with a folder for files. */
export class Served {
  readonly namespace: Namespace
  readonly folder: string
  readonly server: Running

  private constructor(namespace: Namespace, folder: string, server: Running) {
    this.namespace = namespace
    this.folder = folder
    this.server = server
  }

  /** Text "FOLDER" in services and options stands for the folder. */
  static async start(given: ServedOptions = {}): Promise<Served> {
    const namespace = new Namespace()
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-served-'))
    const { services = ['echo', 'upper', 'discard', 'chargen', 'daytime'], kind = 'tap', on, options = [] } = given
    const where = `${kind}:jf0,${PLACE}${on === undefined ? '' : `,${on}`}`
    const args = ['serve', ...services, '--on', where, ...options].map((text) => text.replace('FOLDER', folder))
    const served = new Served(namespace, folder, namespace.start(COMMAND, args))
    try {
      await served.server.saying(/^ready$/m)
      namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`], ...(given.link ?? []))
    } catch (error) {
      await served.close()
      throw error
    }
    return served
  }

  run(program: string, args: readonly string[], options?: RunOptions): Promise<Outcome> {
    return this.namespace.run(program, args, options)
  }

  shell(line: string, options?: RunOptions): Promise<Outcome> {
    return this.namespace.shell(line, options)
  }

  /** Ends the server as an administrator would, and says how it went. */
  async stop(): Promise<Outcome> {
    return this.server.stop('SIGTERM')
  }

  async close(): Promise<void> {
    await this.namespace.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
