import { expect, test } from 'vitest'
import { AF_INET, AF_INET6 } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { toSocketAddress } from '../../src/socket/arguments.ts'
import { lateError, SocketError } from '../../src/socket/socket-error.ts'

test("an address: '' is the wildcard of the socket's family, text tells its own", () => {
  expect(toSocketAddress({ address: '', port: 7 }, AF_INET).toString()).toBe('0.0.0.0:7')
  expect(toSocketAddress({ address: '', port: 7 }, AF_INET6).toString()).toBe('[::]:7')
  expect(toSocketAddress({ address: '::1', port: 7 }, AF_INET).family).toBe(AF_INET6)
  expect(toSocketAddress({ address: '192.0.2.1', port: 7 }, AF_INET6).toString()).toBe('[::ffff:192.0.2.1]:7')
  const given = SocketAddress.internet('192.0.2.1', 80)
  expect(toSocketAddress(given, AF_INET)).toBe(given)
})

test('an address that is none is named', () => {
  const wrong = (value: unknown) => () => toSocketAddress(value as SocketAddress, AF_INET)
  expect(wrong(null)).toThrow('address must be a SocketAddress or { address, port }, got null')
  expect(wrong({ address: 7, port: 7 })).toThrow('address.address must be a string, got 7')
  expect(wrong({ address: '', port: '80' })).toThrow('address.port must be a number, got "80"')
  expect(wrong({ address: 'localhost', port: 80 })).toThrow('"localhost"')
  expect(wrong({ address: '', port: -1 })).toThrow(RangeError)
})

test("SocketError: Node's shape; IPv6 in brackets", () => {
  const error = new SocketError('connect', 111, SocketAddress.internet('2001:db8::1', 80))
  expect(error).toBeInstanceOf(Error)
  expect({ ...error, name: error.name, message: error.message, text: error.text }).toEqual({
    name: 'SocketError',
    message: 'connect ECONNREFUSED 2001:db8::1:80',
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '2001:db8::1',
    port: 80,
    text: 'Connection refused',
  })
  const other = new SocketError('bind', 19, SocketAddress.vsock(99, 5000))
  expect({ ...other, message: other.message }).toEqual({
    message: 'bind ENODEV vsock:99:5000',
    code: 'ENODEV',
    errno: -19,
    syscall: 'bind',
    address: 'vsock:99:5000',
  })
  expect({ ...new SocketError('recv', -104) }).toEqual({ code: 'ECONNRESET', errno: -104, syscall: 'recv' })
})

test('the error of a call that has waited is the same, without the frames of a burst', () => {
  const frames = Error.stackTraceLimit
  const error = lateError('recv', -104, null)
  expect(error).toBeInstanceOf(SocketError)
  expect({ ...error }).toEqual({ code: 'ECONNRESET', errno: -104, syscall: 'recv' })
  expect(error.stack).toBe('SocketError: recv ECONNRESET')
  expect(Error.stackTraceLimit).toBe(frames)
  expect(new SocketError('recv', -104).stack).toContain('arguments.test')
})

test('nor does it need to write to globals that are frozen', () => {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor
  Object.defineProperty(Error, 'stackTraceLimit', { ...limit, writable: false })
  try {
    expect(lateError('recv', -104, null).code).toBe('ECONNRESET')
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', limit)
  }
})
