// A network namespace with servers of the machine in it, and programs of Node that meet them: over a stack on a TAP, or over the
// operating system's sockets. The programs know nothing of it.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { Namespace, type Running } from '../interop/namespace.ts'

const KERNEL = '10.9.0.1'
const STACK = '10.9.0.2'
const DEVICE = 'jf0'

const register = new URL('../../dist/drop-in/register.js', import.meta.url).href
const programs = fileURLToPath(new URL('programs', import.meta.url))
const keys = fileURLToPath(new URL('../drop-in/registered', import.meta.url))

/** Where programs have their sockets. */
export const SYSTEMS = ['tap', 'os'] as const
export type System = (typeof SYSTEMS)[number]

export class Machine {
  readonly namespace: Namespace = new Namespace()
  /** For what servers and programs write; everybody may. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'jackfield-ecosystem-'))
  readonly on: System
  /** Where servers of the machine listen, and where programs do. */
  readonly peer: string = KERNEL
  readonly own: string
  /** JACKFIELD_ON of the programs. */
  readonly where: string

  constructor(on: System) {
    this.on = on
    this.own = on === 'tap' ? STACK : KERNEL
    this.where = on === 'tap' ? `tap:${DEVICE},${STACK}/24,via ${KERNEL}` : 'os'
    cpSync(keys, this.folder, { recursive: true })
    // It stays when a program ends, and has the next one's frames.
    this.namespace.ip('tuntap', 'add', 'dev', DEVICE, 'mode', 'tap')
    this.namespace.configure(DEVICE, `${KERNEL}/24`)
  }

  /** Starts a program of this folder's: over Jackfield, or `plain`, on Node alone. */
  program(name: string, environment: Readonly<Record<string, string>> = {}, plain = false): Running {
    const settings = {
      PEER: this.peer,
      OWN: plain ? this.peer : this.own,
      KEY: join(this.folder, 'key.pem'),
      CERTIFICATE: join(this.folder, 'certificate.pem'),
      JACKFIELD_ON: this.where,
      ...environment,
    }
    const variables = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
    const imports = plain ? [] : ['--import', register]
    const args = [...variables, process.execPath, ...imports, join(programs, `${name}.mjs`)]
    return this.namespace.start('env', args)
  }

  /** What a program tells that runs to its end, which it must reach by itself. */
  async told(name: string, environment: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
    const { status, stdout, stderr } = await this.program(name, environment).ended
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const { handles, ...found } = JSON.parse(stdout)
    // Nothing of the network was Node's own.
    expect(handles).toEqual([])
    return found
  }

  async close(): Promise<void> {
    await this.namespace.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
