// Read first: errno(3), and asm-generic/errno.h for the numbers. Linux's numbers are used on every platform: a stack of
// our own has no kernel to agree with, and a program that prints an errno then prints the same one everywhere.

export const EPERM = 1
export const ENOENT = 2
export const EINTR = 4
export const EIO = 5
export const ENXIO = 6
export const EBADF = 9
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EFAULT = 14
export const EBUSY = 16
export const EEXIST = 17
export const ENODEV = 19
export const EINVAL = 22
export const ENFILE = 23
export const EMFILE = 24
export const ENOTTY = 25
export const ENOSPC = 28
export const EPIPE = 32
export const EDOM = 33
export const ENONET = 64
export const EPROTO = 71
export const EBADMSG = 74
export const ENOTSOCK = 88
export const EDESTADDRREQ = 89
export const EMSGSIZE = 90
export const EPROTOTYPE = 91
export const ENOPROTOOPT = 92
export const EPROTONOSUPPORT = 93
export const ESOCKTNOSUPPORT = 94
export const EOPNOTSUPP = 95
export const EPFNOSUPPORT = 96
export const EAFNOSUPPORT = 97
export const EADDRINUSE = 98
export const EADDRNOTAVAIL = 99
export const ENETDOWN = 100
export const ENETUNREACH = 101
export const ENETRESET = 102
export const ECONNABORTED = 103
export const ECONNRESET = 104
export const ENOBUFS = 105
export const EISCONN = 106
export const ENOTCONN = 107
export const ESHUTDOWN = 108
export const ETOOMANYREFS = 109
export const ETIMEDOUT = 110
export const ECONNREFUSED = 111
export const EHOSTDOWN = 112
export const EHOSTUNREACH = 113
export const EALREADY = 114
export const EINPROGRESS = 115
export const ECANCELED = 125

const table = {
  EPERM: [EPERM, 'Operation not permitted'],
  ENOENT: [ENOENT, 'No such file or directory'],
  EINTR: [EINTR, 'Interrupted system call'],
  EIO: [EIO, 'Input/output error'],
  ENXIO: [ENXIO, 'No such device or address'],
  EBADF: [EBADF, 'Bad file descriptor'],
  EAGAIN: [EAGAIN, 'Resource temporarily unavailable'],
  ENOMEM: [ENOMEM, 'Cannot allocate memory'],
  EACCES: [EACCES, 'Permission denied'],
  EFAULT: [EFAULT, 'Bad address'],
  EBUSY: [EBUSY, 'Device or resource busy'],
  EEXIST: [EEXIST, 'File exists'],
  ENODEV: [ENODEV, 'No such device'],
  EINVAL: [EINVAL, 'Invalid argument'],
  ENFILE: [ENFILE, 'Too many open files in system'],
  EMFILE: [EMFILE, 'Too many open files'],
  ENOTTY: [ENOTTY, 'Inappropriate ioctl for device'],
  ENOSPC: [ENOSPC, 'No space left on device'],
  EPIPE: [EPIPE, 'Broken pipe'],
  EDOM: [EDOM, 'Numerical argument out of domain'],
  ENONET: [ENONET, 'Machine is not on the network'],
  EPROTO: [EPROTO, 'Protocol error'],
  EBADMSG: [EBADMSG, 'Bad message'],
  ENOTSOCK: [ENOTSOCK, 'Socket operation on non-socket'],
  EDESTADDRREQ: [EDESTADDRREQ, 'Destination address required'],
  EMSGSIZE: [EMSGSIZE, 'Message too long'],
  EPROTOTYPE: [EPROTOTYPE, 'Protocol wrong type for socket'],
  ENOPROTOOPT: [ENOPROTOOPT, 'Protocol not available'],
  EPROTONOSUPPORT: [EPROTONOSUPPORT, 'Protocol not supported'],
  ESOCKTNOSUPPORT: [ESOCKTNOSUPPORT, 'Socket type not supported'],
  EOPNOTSUPP: [EOPNOTSUPP, 'Operation not supported'],
  EPFNOSUPPORT: [EPFNOSUPPORT, 'Protocol family not supported'],
  EAFNOSUPPORT: [EAFNOSUPPORT, 'Address family not supported by protocol'],
  EADDRINUSE: [EADDRINUSE, 'Address already in use'],
  EADDRNOTAVAIL: [EADDRNOTAVAIL, 'Cannot assign requested address'],
  ENETDOWN: [ENETDOWN, 'Network is down'],
  ENETUNREACH: [ENETUNREACH, 'Network is unreachable'],
  ENETRESET: [ENETRESET, 'Network dropped connection on reset'],
  ECONNABORTED: [ECONNABORTED, 'Software caused connection abort'],
  ECONNRESET: [ECONNRESET, 'Connection reset by peer'],
  ENOBUFS: [ENOBUFS, 'No buffer space available'],
  EISCONN: [EISCONN, 'Transport endpoint is already connected'],
  ENOTCONN: [ENOTCONN, 'Transport endpoint is not connected'],
  ESHUTDOWN: [ESHUTDOWN, 'Cannot send after transport endpoint shutdown'],
  ETOOMANYREFS: [ETOOMANYREFS, 'Too many references: cannot splice'],
  ETIMEDOUT: [ETIMEDOUT, 'Connection timed out'],
  ECONNREFUSED: [ECONNREFUSED, 'Connection refused'],
  EHOSTDOWN: [EHOSTDOWN, 'Host is down'],
  EHOSTUNREACH: [EHOSTUNREACH, 'No route to host'],
  EALREADY: [EALREADY, 'Operation already in progress'],
  EINPROGRESS: [EINPROGRESS, 'Operation now in progress'],
  ECANCELED: [ECANCELED, 'Operation canceled'],
} as const

/** The name of an errno of Linux: `'EPERM'`, `'ECONNREFUSED'`, … */
export type ErrnoName = keyof typeof table

const byNumber = new Map<number, readonly [ErrnoName, string]>()
for (const name of Object.keys(table) as ErrnoName[]) byNumber.set(table[name][0], [name, table[name][1]])

/** The name of errno `n` (positive or negated); `'E' + n` where Linux has one that this table lacks. */
export function errnoName(n: number): string {
  return byNumber.get(n < 0 ? -n : n)?.[0] ?? `E${n < 0 ? -n : n}`
}

/** What strerror(3) says of errno `n` (positive or negated). */
export function errnoText(n: number): string {
  return byNumber.get(n < 0 ? -n : n)?.[1] ?? `Unknown error ${n < 0 ? -n : n}`
}

/** The number of the errno of this name, or undefined where there is none. */
export function errnoNumber(name: string): number | undefined {
  return (table as Record<string, readonly [number, string]>)[name]?.[0]
}
