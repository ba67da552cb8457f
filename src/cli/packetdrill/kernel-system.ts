// The kernel as the system under test, in real time: a network namespace for each script, and a TUN interface whose other end is the
// script. What the script configures is done to the namespace, so the commands are the same ones.

import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { IPPROTO_TCP, TCP_CONGESTION } from '../../base/constants.ts'
import { BASELINE } from '../../drill/baseline.ts'
import type { SentPacket } from '../../drill/drill-device.ts'
import type { DrillSystem, SystemSettings } from '../../drill/drill-system.ts'
import { DrillFailure } from '../../drill/failure.ts'
import type { ShellCommand } from '../../drill/script.ts'
import { simpleCommands } from '../../drill/shell-words.ts'
import { enterOwnNetwork } from '../../os/network-namespace.ts'
import { OperatingSystem } from '../../os/operating-system.ts'
import { PlainTun } from '../../os/plain-tun.ts'
import type { Endpoint } from '../../socket/provider.ts'
import { kernelDefaults } from './kernel-variables.ts'

const INTERFACE = 'tun0'
/** How long calls that wait are not tried again, in microseconds. */
const SLICE = 1000

export class KernelSystem implements DrillSystem {
  readonly realTime: boolean = true
  wallStart = 0
  readonly sent: SentPacket[] = []
  readonly notes: readonly string[] = []
  readonly #system = new OperatingSystem()
  readonly #leave: () => void
  readonly #tun: PlainTun
  readonly #endpoints: Endpoint[] = []
  #startedAt = 0
  /** As they were, by path. */
  readonly #parameters = new Map<string, string>()
  /** Of each socket: for a namespace the kernel takes only those algorithms that are there for everybody. */
  #congestionControl = 'cubic'

  constructor({ addresses, host, initCommand }: SystemSettings) {
    this.#leave = enterOwnNetwork()
    try {
      this.#tun = new PlainTun(INTERFACE)
      const { local, prefixLength, remote } = addresses
      const any = remote.isV4 ? '0.0.0.0/0' : '::/0'
      for (const [name, value] of kernelDefaults) this.#set(name, value)
      run('ip', 'link', 'set', 'lo', 'up')
      run('ip', 'link', 'set', INTERFACE, 'mtu', String(host.mtu))
      run('ip', 'address', 'add', `${local}/${prefixLength}`, 'dev', INTERFACE, ...(local.isV4 ? [] : ['nodad']))
      run('ip', 'link', 'set', INTERFACE, 'up')
      run('ip', 'route', 'add', any, 'dev', INTERFACE)
      if (initCommand !== null) this.command(initCommand)
    } catch (error) {
      this.close()
      throw error
    }
    this.#startedAt = performance.now()
    this.wallStart = Date.now() * 1000
  }

  get now(): number {
    return this.#startedAt === 0 ? 0 : Math.round((performance.now() - this.#startedAt) * 1000)
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    const endpoint = this.#system.socket(family, type, protocol)
    if (typeof endpoint === 'number') return endpoint
    this.#endpoints.push(endpoint)
    if (endpoint.protocol === IPPROTO_TCP) {
      endpoint.setOption(IPPROTO_TCP, TCP_CONGESTION, new TextEncoder().encode(this.#congestionControl))
    }
    return endpoint
  }

  inject(bytes: Uint8Array): void {
    this.#tun.write(bytes)
  }

  settle(): void {
    const at = this.now
    for (;;) {
      const bytes = this.#tun.read()
      if (bytes === null) return
      this.sent.push({ bytes, at })
    }
  }

  nextAt(): number {
    return this.now + SLICE
  }

  advanceTo(at: number): void {
    for (;;) {
      const left = at - this.now
      if (left <= 0) return
      // poll(2) counts milliseconds: the last of them is spent looking at the clock.
      if (this.#tun.wait(Math.min(Math.floor(left / 1000), 1))) return
    }
  }

  command(command: ShellCommand): void {
    for (const part of command.text.replace(/\\\r?\n/g, ' ').split(/\n|;|&&/)) {
      const text = part.replace(/#.*$/, '').trim()
      if (text === '') continue
      if (/(?:^|\/)defaults\.sh\b/.test(text)) {
        for (const [name, value] of BASELINE) this.#set(name, value)
      } else if (/(?:^|\/)set_sysctls\.py\b/.test(text)) {
        for (const assignment of simpleCommands(text)[0]?.words.slice(1) ?? []) {
          const equals = assignment.indexOf('=')
          this.#set(assignment.slice(0, equals).replace(/^\/proc\/sys\//, ''), assignment.slice(equals + 1))
        }
      } else if (!/sysctl_restore_/.test(text)) {
        this.#rememberParameters(text)
        const result = spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8' })
        if (result.status !== 0) {
          throw new DrillFailure(command, `the command '${text}' failed: ${(result.stderr || result.stdout).trim()}`)
        }
      }
    }
  }

  /** Parameters of modules are the whole machine's: they are put back when the script is over. */
  #rememberParameters(text: string): void {
    for (const [path] of text.matchAll(/\/sys\/module\/\w+\/parameters\/\w+/g)) {
      if (!this.#parameters.has(path)) this.#parameters.set(path, readFileSync(path, 'utf8'))
    }
  }

  fileSize(path: string): number | null {
    return statSync(path, { throwIfNoEntry: false })?.size ?? null
  }

  #set(name: string, value: string): void {
    if (/tcp_congestion_control$/.test(name)) this.#congestionControl = value
    else setVariable(name, value)
  }

  close(): void {
    for (const [path, value] of this.#parameters) writeFileSync(path, value)
    this.#parameters.clear()
    for (const endpoint of this.#endpoints) endpoint.close()
    this.#tun?.close()
    this.#leave()
  }
}

function run(program: string, ...words: string[]): void {
  const result = spawnSync(program, words, { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${(result.stderr ?? '').trim()}`)
}

/** `name` with dots or slashes. One that this kernel does not have is left alone. */
function setVariable(name: string, value: string): void {
  const path = `/proc/sys/${name.includes('/') ? name : name.replaceAll('.', '/')}`
  try {
    writeFileSync(path, value)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
