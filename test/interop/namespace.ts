// A network namespace of a test's own: the kernel's side of everything happens in it, and it takes all of that with it when
// it goes.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { libc } from '../../src/os/libc.ts'

const CLONE_NEWNET = 0x40000000
const FOLDER = '/run/netns'
const PREFIX = 'jackfield'

let made = 0

/** What a program did. */
export interface Outcome {
  /** The exit status; null where a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Milliseconds after which the program is killed and the test fails. */
  readonly within?: number
  readonly input?: string | Uint8Array
}

/** A program that goes on running. */
export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<Outcome>
  stdout = ''
  stderr = ''
  #heard: (() => void) | null = null

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#heard?.()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#heard?.()
    })
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => resolve({ status: null, stdout: this.stdout, stderr: error.message }))
      child.on('close', (status) => resolve({ status, stdout: this.stdout, stderr: this.stderr }))
    })
  }

  /** Waits for the text to appear in what the program prints; rejects when it ends without. */
  async saying(text: string | RegExp): Promise<void> {
    const said = () => {
      const all = this.stdout + this.stderr
      return typeof text === 'string' ? all.includes(text) : text.test(all)
    }
    const silent = this.ended.then(({ status, stderr }) => {
      if (!said()) throw new Error(`the program ended with ${status} before it said ${text}: ${stderr}`)
    })
    silent.catch(() => {})
    while (!said()) await Promise.race([silent, new Promise<void>((resolve) => (this.#heard = resolve))])
  }

  /** Sends a signal to the program and what it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return
    try {
      process.kill(-this.child.pid, signal)
    } catch {
      // It ended in between.
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    this.signal(signal)
    return this.ended
  }
}

export class Namespace {
  readonly name: string
  readonly #running = new Set<Running>()
  readonly #atExit = () => this.#remove()

  constructor() {
    if (made === 0) sweep()
    this.name = `${PREFIX}-${process.pid}-${made++}`
    ip('netns', 'add', this.name)
    process.once('exit', this.#atExit)
    this.ip('link', 'set', 'lo', 'up')
  }

  /** Runs `ip` in the namespace, and throws if it fails. */
  ip(...args: string[]): string {
    return ip('-n', this.name, ...args)
  }

  /**
   * Gives the kernel's end of an interface its addresses and sets it up. No packets that nobody asked for: without an IPv6 address
   * there is no IPv6, with one the kernel neither looks for routers nor asks whether its addresses are taken.
   */
  configure(device: string, address: string | readonly string[], ...link: string[]): void {
    const addresses = typeof address === 'string' ? [address] : address
    if (addresses.some((text) => text.includes(':'))) {
      this.sysctl(`net.ipv6.conf.${device}.accept_dad`, 0)
      this.sysctl(`net.ipv6.conf.${device}.router_solicitations`, 0)
    } else {
      this.sysctl(`net.ipv6.conf.${device}.disable_ipv6`, 1)
    }
    for (const text of addresses) {
      this.ip('address', 'add', text, 'dev', device, ...(text.includes(':') ? ['nodad'] : []))
    }
    this.ip('link', 'set', 'dev', device, 'up', ...link)
  }

  /** Reads a file as it is in the namespace. */
  read(path: string): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.name, 'cat', path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`cat ${path}: ${stderr}`)
    return stdout
  }

  sysctl(name: string, value: string | number): void {
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', this.name, 'sysctl', '-q', '-w', `${name}=${value}`], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`sysctl ${name}=${value}: ${stderr}`)
  }

  /** Starts a program in the namespace. It is killed with the namespace. */
  start(program: string, args: readonly string[], options: RunOptions = {}): Running {
    // A test process that is killed takes its programs with it.
    const wrapped = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', this.name, program, ...args]
    const child = spawn('setpriv', wrapped, {
      detached: true,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    if (options.input !== undefined) {
      child.stdin?.on('error', () => {})
      child.stdin?.end(options.input)
    }
    const running = new Running(child)
    this.#running.add(running)
    running.ended.then(() => this.#running.delete(running))
    return running
  }

  /** Runs a program to its end. Rejects if it takes longer than `within` (50 s). */
  async run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const within = options.within ?? 50_000
    const running = this.start(program, args, options)
    let late = false
    const alarm = setTimeout(() => {
      late = true
      running.signal('SIGKILL')
    }, within)
    const outcome = await running.ended
    clearTimeout(alarm)
    if (late) {
      throw new Error(
        `${program} ${args.join(' ')} did not end within ${within} ms: ${outcome.stdout}${outcome.stderr}`,
      )
    }
    return outcome
  }

  /** Runs a line of shell in the namespace. */
  shell(line: string, options: RunOptions = {}): Promise<Outcome> {
    return this.run('bash', ['-c', line], options)
  }

  /** Runs `task`, which may not wait, with this process inside the namespace: what it opens stays there. */
  enter<T>(task: () => T): T {
    const setns = libc().library.func('setns', 'int', ['int', 'int']) as (fd: number, kind: number) => number
    const home = openSync('/proc/thread-self/ns/net', 'r')
    const there = openSync(`${FOLDER}/${this.name}`, 'r')
    try {
      if (setns(there, CLONE_NEWNET) !== 0) throw new Error(`setns failed with errno ${libc().errno()}`)
      return task()
    } finally {
      setns(home, CLONE_NEWNET)
      closeSync(there)
      closeSync(home)
    }
  }

  /** Ends what still runs, and deletes the namespace. */
  async close(): Promise<void> {
    const running = [...this.#running]
    await Promise.all(running.map((program) => program.stop('SIGKILL')))
    process.removeListener('exit', this.#atExit)
    this.#remove()
  }

  #remove(): void {
    for (const program of this.#running) program.signal('SIGKILL')
    spawnSync('ip', ['netns', 'delete', this.name])
  }
}

function ip(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  return stdout
}

// A test process that was killed left its namespaces behind: their names tell whose they were.
function sweep(): void {
  let names: string[] = []
  try {
    names = readdirSync(FOLDER)
  } catch {
    return
  }
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}-(\\d+)-\\d+$`).exec(name)?.[1]
    if (pid !== undefined && !alive(Number(pid))) spawnSync('ip', ['netns', 'delete', name])
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
