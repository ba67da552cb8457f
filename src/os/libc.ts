// The system calls that devices need, through koffi: no addon to compile. A call costs about 50 ns above the system call
// itself (Node 20, koffi 3.3); errno is read right after the call, before anything else can run in this thread.

import { createRequire } from 'node:module'
import type { LibraryHandle } from 'koffi'
import { errnoName, errnoText } from '../base/errno.ts'

type Koffi = typeof import('koffi')

export const O_RDWR = 0x2
export const O_NONBLOCK = 0x800
export const O_CLOEXEC = 0x80000

/** Results are counts or -1, as in C; `errno` tells why. */
export interface Libc {
  readonly koffi: Koffi
  readonly library: LibraryHandle
  open(path: string, flags: number, mode: number): number
  close(fd: number): number
  read(fd: number, bytes: Uint8Array, length: number): number
  write(fd: number, bytes: Uint8Array, length: number): number
  writev(fd: number, vector: Uint8Array, count: number): number
  socket(family: number, type: number, protocol: number): number
  /** ioctl(2) with a pointer, and with a number, as its argument. */
  ioctl(fd: number, request: number, argument: Uint8Array): number
  ioctlValue(fd: number, request: number, argument: number): number
  /** sched_yield(2) */
  yield(): number
  errno(): number
  /**
   * Where the octets of a typed array lie: it holds as long as the array is referred to and not detached. A number has room for it:
   * programs get addresses of up to 52 bits, unless they ask for more (mmap(2) with a hint).
   */
  address(bytes: Uint8Array): number
}

let loaded: Libc | null = null

/** Binds the C library at the first call. Throws one clear error where that cannot work. */
export function libc(): Libc {
  if (loaded !== null) return loaded
  if (process.platform !== 'linux') {
    throw new Error(`jackfield/os needs Linux; this is ${process.platform}. The userspace stack itself runs anywhere`)
  }
  const koffi = loadKoffi()
  const library = koffi.load(null)
  // ssize_t has no name in koffi: intptr_t is the same.
  loaded = {
    koffi,
    library,
    open: library.func('open', 'int', ['str', 'int', 'int']),
    close: library.func('close', 'int', ['int']),
    read: library.func('read', 'intptr_t', ['int', 'void *', 'size_t']),
    write: library.func('write', 'intptr_t', ['int', 'void *', 'size_t']),
    writev: library.func('writev', 'intptr_t', ['int', 'void *', 'int']),
    socket: library.func('socket', 'int', ['int', 'int', 'int']),
    ioctl: library.func('ioctl', 'int', ['int', 'ulong', 'void *']),
    ioctlValue: library.func('ioctl', 'int', ['int', 'ulong', 'ulong']),
    yield: library.func('sched_yield', 'int', []),
    errno: koffi.errno as () => number,
    address: (bytes) => Number(koffi.address(bytes)),
  }
  return loaded
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi
  } catch (error) {
    throw new Error(
      'jackfield/os needs the optional package koffi to call the operating system; it is not installed or has no binary ' +
        `for ${process.platform} ${process.arch} (npm install koffi)`,
      { cause: error },
    )
  }
}

/** An error in the shape that Node gives those of system calls. */
export function systemError(syscall: string, errno: number, what: string, advice = ''): Error {
  const code = errnoName(errno)
  const text = `${syscall} ${code}: ${what}: ${errnoText(errno).toLowerCase()}${advice === '' ? '' : `. ${advice}`}`
  return Object.assign(new Error(text), { code, errno: -errno, syscall })
}
