import { EACCES, EBUSY, EINVAL, ENODEV, ENOENT, ENXIO, EPERM } from '../base/errno.ts'
import { systemError } from './libc.ts'

/** Why /dev/net/tun could not be opened, and what to do. */
export function openError(errno: number): Error {
  const what = '/dev/net/tun'
  switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return systemError(
        'open',
        errno,
        what,
        'The kernel has no TUN/TAP driver here (modprobe tun, or give it to the container)',
      )
    case EACCES:
    case EPERM:
      return systemError('open', errno, what, 'Run as root, or let your user read and write it')
    default:
      return systemError('open', errno, what)
  }
}

/** Why the interface `name` could not be had as a `mode` device, and what to do. */
export function attachError(errno: number, name: string, mode: 'tap' | 'tun'): Error {
  switch (errno) {
    case EPERM:
    case EACCES:
      return systemError(
        'ioctl',
        errno,
        `attaching to ${name}`,
        `Run as root or with CAP_NET_ADMIN, or have root make it yours: ip tuntap add dev ${name} mode ${mode} user "$USER"`,
      )
    case EBUSY:
      return systemError('ioctl', errno, `attaching to ${name}`, 'Another process has it open')
    case EINVAL:
      return systemError(
        'ioctl',
        errno,
        `attaching to ${name}`,
        `It exists and is no ${mode} interface; take another name`,
      )
    default:
      return systemError('ioctl', errno, `attaching to ${name}`)
  }
}
