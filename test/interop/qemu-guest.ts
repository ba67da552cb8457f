// A virtual machine of Debian's kernel and busybox, with everything it needs in an initramfs that is built here. Nothing is
// installed: the kernel's package is unpacked into a folder of its own.

import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Running } from './namespace.ts'

/** The drivers of a virtio network card. A kernel that has them built in has no files for them. */
const DRIVERS = ['virtio_pci', 'virtio_net']

/** A file with the names of modules in the order in which they are loaded. */
const ORDER = 'order'

/** What one machine has unpacked it need not load again. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/jackfield-guest', import.meta.url))

function run(program: string, args: readonly string[], cwd: string, input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 24,
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

/** A folder with `vmlinuz` and the modules of Debian's kernel for virtual machines, unpacked at its first use. */
export function guestKernel(): string {
  const depends = run('apt-cache', ['depends', 'linux-image-cloud-amd64'], '/')
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1]
  if (name === undefined) throw new Error(`linux-image-cloud-amd64 names no kernel: ${depends}`)
  const folder = join(CACHE, name)
  if (existsSync(join(folder, 'vmlinuz'))) return folder
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'unpacking-'))
  try {
    run('apt-get', ['-o', 'Acquire::Retries=5', 'download', '-q', name], work)
    const archive = readdirSync(work).find((file) => file.endsWith('.deb')) as string
    run('dpkg', ['-x', archive, 'tree'], work)
    const boot = join(work, 'tree', 'boot')
    const made = join(work, 'made')
    mkdirSync(made)
    const kernel = readdirSync(boot).find((file) => file.startsWith('vmlinuz')) as string
    copyFileSync(join(boot, kernel), join(made, 'vmlinuz'))
    const order: string[] = []
    const files = readdirSync(join(work, 'tree'), { recursive: true, encoding: 'utf8' })
    for (const driver of DRIVERS) takeModule(driver, join(work, 'tree'), files, made, order)
    writeFileSync(join(made, ORDER), order.join('\n'))
    rmSync(folder, { recursive: true, force: true })
    renameSync(made, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

/** Copies a module from the files of a package, behind those that it says it depends on. */
function takeModule(name: string, tree: string, files: readonly string[], to: string, order: string[]): void {
  const file = files.find((path) => [`${name}.ko`, `${name}.ko.xz`].includes(basename(path).replaceAll('-', '_')))
  if (file === undefined || order.includes(name)) return
  const packed = file.endsWith('.xz')
  copyFileSync(join(tree, file), join(to, packed ? `${name}.ko.xz` : `${name}.ko`))
  if (packed) run('xz', ['-d', `${name}.ko.xz`], to)
  const text = readFileSync(join(to, `${name}.ko`), 'latin1')
  const depends = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? ''
  for (const other of depends.split(',')) if (other !== '') takeModule(other, tree, files, to, order)
  order.push(name)
}

/** An initramfs with busybox, the modules of `kernel`, and a script that is run as the first process. */
function writeInitramfs(path: string, kernel: string, script: string): void {
  const root = mkdtempSync(join(tmpdir(), 'jackfield-initramfs-'))
  try {
    for (const folder of ['bin', 'dev', 'etc', 'modules', 'proc', 'sys', 'tmp']) mkdirSync(join(root, folder))
    const busybox = run('which', ['busybox'], '/').trim()
    if (spawnSync('ldd', [busybox]).status === 0) throw new Error(`${busybox} needs libraries: install busybox-static`)
    copyFileSync(busybox, join(root, 'bin', 'busybox'))
    const modules = readFileSync(join(kernel, ORDER), 'utf8').split('\n')
    for (const module of modules) copyFileSync(join(kernel, `${module}.ko`), join(root, 'modules', `${module}.ko`))
    const init = [
      '#!/bin/busybox sh',
      'export PATH=/bin',
      '/bin/busybox --install -s /bin',
      'mount -t devtmpfs dev /dev',
      'mount -t proc proc /proc',
      'mount -t sysfs sys /sys',
      // Lines of the kernel's own would be mixed into those of the script.
      'echo 1 > /proc/sys/kernel/printk',
      ...modules.map((module) => `insmod /modules/${module}.ko`),
      script,
      'poweroff -f',
    ]
    writeFileSync(join(root, 'init'), `${init.join('\n')}\n`, { mode: 0o755 })
    const list = ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })].join('\n')
    run('sh', ['-c', `cpio --quiet -o -H newc > "$0"`, path], root, `${list}\n`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** A virtual machine that runs a script and powers off. What it prints on its serial line is `stdout`. */
export class QemuGuest extends Running {
  readonly #folder: string

  private constructor(child: ConstructorParameters<typeof Running>[0], folder: string) {
    super(child)
    this.#folder = folder
  }

  /** Boots one whose network card is joined to the server of frames at `socket`, a Unix domain socket. */
  static boot(socket: string, script: string): QemuGuest {
    const kernel = guestKernel()
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-guest-'))
    const initramfs = join(folder, 'initramfs')
    writeInitramfs(initramfs, kernel, script)
    const args = [
      ...['-accel', 'tcg', '-m', '256M', '-nodefaults', '-no-reboot', '-nographic', '-serial', 'stdio'],
      ...['-kernel', join(kernel, 'vmlinuz'), '-initrd', initramfs],
      ...['-append', 'console=ttyS0 quiet panic=-1 random.trust_cpu=on'],
      ...['-netdev', `stream,id=n0,server=off,addr.type=unix,addr.path=${socket}`],
      ...['-device', 'virtio-net-pci,netdev=n0,mac=02:00:00:00:00:15,romfile='],
    ]
    // A test process that is killed takes the machine with it.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new QemuGuest(child, folder)
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
