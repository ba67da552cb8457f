// Read first: socket(2), accept4(2), recvmsg(2), recvmmsg(2), epoll_ctl(2), poll(2), sendfile(2). The system calls of sockets, as C has
// them: results are counts or −1, and `errno` tells why. A call costs about 50 ns above the system call itself.

import { libc } from './libc.ts'

/** Memory that a call reads or fills: its octets, where C wants a pointer to them; null for NULL. */
type Memory = Uint8Array | Int32Array | null

export interface SocketCalls {
  socket(family: number, type: number, protocol: number): number
  socketpair(family: number, type: number, protocol: number, fds: Memory): number
  bind(fd: number, address: Memory, length: number): number
  listen(fd: number, backlog: number): number
  accept4(fd: number, address: Memory, length: Memory, flags: number): number
  connect(fd: number, address: Memory, length: number): number
  getsockname(fd: number, address: Memory, length: Memory): number
  getpeername(fd: number, address: Memory, length: Memory): number
  getsockopt(fd: number, level: number, name: number, value: Memory, length: Memory): number
  setsockopt(fd: number, level: number, name: number, value: Memory, length: number): number
  recv(fd: number, bytes: Memory, length: number, flags: number): number
  send(fd: number, bytes: Memory, length: number, flags: number): number
  recvfrom(fd: number, bytes: Memory, length: number, flags: number, address: Memory, addressLength: Memory): number
  sendto(fd: number, bytes: Memory, length: number, flags: number, address: Memory, addressLength: number): number
  recvmsg(fd: number, message: Memory, flags: number): number
  sendmsg(fd: number, message: Memory, flags: number): number
  recvmmsg(fd: number, messages: Memory, count: number, flags: number, timeout: null): number
  sendmmsg(fd: number, messages: Memory, count: number, flags: number): number
  sendfile(fd: number, file: number, offset: Memory, count: number): number
  shutdown(fd: number, how: number): number
  close(fd: number): number
  /** close(2) in another thread, for a socket that lingers. */
  closeElsewhere(fd: number, done: () => void): void
  ioctl(fd: number, request: number, argument: Memory): number
  fcntl(fd: number, command: number, argument: number): number
  poll(entries: Memory, count: number, timeout: number): number
  epoll_create1(flags: number): number
  epoll_ctl(epoll: number, operation: number, fd: number, event: Memory): number
  epoll_wait(epoll: number, events: Memory, count: number, timeout: number): number
  if_nametoindex(name: string): number
  /** null where none has that number; else the address of the name, which is not to be used. */
  if_indextoname(index: number, name: Memory): unknown
  sched_yield(): number
  errno(): number
  /** Where the octets of a typed array lie. It holds as long as the array is referred to and not detached. */
  address(bytes: Uint8Array): bigint
}

let bound: SocketCalls | null = null

/** Binds the calls when they are first asked for. Throws one clear error where that cannot work: see `libc`. */
export function socketCalls(): SocketCalls {
  bound ??= bind()
  return bound
}

function bind(): SocketCalls {
  const { koffi, library } = libc()
  const call = (name: string, result: string, ...parameters: string[]) => library.func(name, result, parameters)
  const [int, uint, size, count, pointer] = ['int', 'uint', 'size_t', 'intptr_t', 'void *'] as const
  const close = call('close', int, int)
  return {
    socket: call('socket', int, int, int, int),
    socketpair: call('socketpair', int, int, int, int, pointer),
    bind: call('bind', int, int, pointer, uint),
    listen: call('listen', int, int, int),
    accept4: call('accept4', int, int, pointer, pointer, int),
    connect: call('connect', int, int, pointer, uint),
    getsockname: call('getsockname', int, int, pointer, pointer),
    getpeername: call('getpeername', int, int, pointer, pointer),
    getsockopt: call('getsockopt', int, int, int, int, pointer, pointer),
    setsockopt: call('setsockopt', int, int, int, int, pointer, uint),
    recv: call('recv', count, int, pointer, size, int),
    send: call('send', count, int, pointer, size, int),
    recvfrom: call('recvfrom', count, int, pointer, size, int, pointer, pointer),
    sendto: call('sendto', count, int, pointer, size, int, pointer, uint),
    recvmsg: call('recvmsg', count, int, pointer, int),
    sendmsg: call('sendmsg', count, int, pointer, int),
    recvmmsg: call('recvmmsg', int, int, pointer, uint, int, pointer),
    sendmmsg: call('sendmmsg', int, int, pointer, uint, int),
    sendfile: call('sendfile', count, int, int, pointer, size),
    shutdown: call('shutdown', int, int, int),
    close,
    closeElsewhere: (fd, done) => close.async(fd, done),
    ioctl: call('ioctl', int, int, 'ulong', pointer),
    fcntl: call('fcntl', int, int, int, int),
    poll: call('poll', int, pointer, 'ulong', int),
    epoll_create1: call('epoll_create1', int, int),
    epoll_ctl: call('epoll_ctl', int, int, int, int, pointer),
    epoll_wait: call('epoll_wait', int, int, pointer, int, int),
    if_nametoindex: call('if_nametoindex', uint, 'str'),
    if_indextoname: call('if_indextoname', pointer, uint, pointer),
    sched_yield: call('sched_yield', int),
    errno: koffi.errno as () => number,
    address: (bytes) => BigInt(koffi.address(bytes) as bigint | number),
  }
}
