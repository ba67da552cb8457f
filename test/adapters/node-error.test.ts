import dgram from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'
import net from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validateObject,
  validatePort,
  validateString,
  validateUint32,
} from '../../src/adapters/node-argument.ts'
import {
  badPort,
  bufferSizeError,
  exceptionWithHostPort,
  invalidArgType,
  invalidArgValue,
  listenException,
  missingArgs,
  nodeError,
} from '../../src/adapters/node-error.ts'
import { EADDRINUSE, EBADF, ECONNREFUSED } from '../../src/base/errno.ts'

class Thing {}
class Nameless {}
Object.defineProperty(Nameless, 'name', { value: '' })
function named(): void {}

const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  65535,
  65536,
  2 ** 32,
  2 ** 32 + 1,
  -(2 ** 40),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5n,
  -(2n ** 40n),
  '',
  ' ',
  'text',
  "it's",
  'a'.repeat(28),
  'a'.repeat(29),
  '80',
  '0x50',
  ' 80 ',
  '80a',
  '-1',
  '65536',
  Symbol('mark'),
  named,
  () => {},
  class Made {},
  [],
  [1, 2],
  {},
  { a: 1 },
  Object.create(null),
  Object.assign(Object.create(null), { a: { b: 1 } }),
  new Date(0),
  new Thing(),
  /x/,
  new Map(),
  Buffer.from('x'),
]

/** All that a program can see of an error but where it was made; 'passed' where none was thrown that has a code. */
function seen(call: () => unknown): unknown {
  try {
    call()
  } catch (thrown) {
    const error = thrown as Error & { code?: string }
    if (error.code !== undefined && error.code !== 'ERR_SOCKET_BAD_TYPE') return shown(error)
  }
  return 'passed'
}

function shown(error: Error & { code?: string }): unknown {
  return {
    name: error.name,
    message: error.message,
    keys: Object.keys(error),
    fields: { ...error },
    text: String(error),
    kind: error.constructor.name,
    is: [error instanceof TypeError, error instanceof RangeError],
  }
}

/** `theirs` and `ours` refuse the same values with the same errors. */
function same(title: string, theirs: (value: never) => unknown, ours: (value: never) => unknown): void {
  it.each(VALUES.map((value, i) => [`${i}: ${inspect(value)}`, value] as const))(`${title}: %s`, (_, value) => {
    const expected = seen(() => theirs(value as never))
    expect(seen(() => ours(value as never))).toEqual(expected)
  })
}

// Methods of Node's look at their arguments before they look for the state of the socket, which a plain object has not.
const datagrams = dgram.Socket.prototype
const nobody = {} as dgram.Socket

describe('Arguments are refused as by node:net and node:dgram of this Node', () => {
  same(
    'a string',
    (value) => datagrams.connect.call(nobody, 1, value),
    (value) => value === undefined || typeof value === 'function' || validateString(value, 'address'),
  )
  same(
    'a function',
    (value) => dgram.createSocket({ type: 'bad' as 'udp4', lookup: value }),
    (value) => value === undefined || validateFunction(value, 'lookup'),
  )
  same(
    'a number',
    (value) => datagrams.setTTL.call(nobody, value),
    (value) => validateNumber(value, 'ttl'),
  )
  same(
    'an integer within bounds',
    (value) => {
      net.setDefaultAutoSelectFamilyAttemptTimeout(value)
      net.setDefaultAutoSelectFamilyAttemptTimeout(250)
    },
    (value) => validateInt32(value, 'value', 1),
  )
  same(
    'an object',
    (value) => value === undefined || new net.SocketAddress(value),
    (value) => value === undefined || validateObject(value, 'options'),
  )
  same(
    'a port',
    (value) => dns.lookupService('127.0.0.1', value, undefined as never),
    (value) => {
      validatePort(value)
      validateFunction(undefined, 'callback')
    },
  )
  same(
    'a port but 0',
    (value) => datagrams.connect.call(nobody, value, () => {}),
    (value) => validatePort(value, 'Port', false),
  )
  same(
    'a signal',
    (value) => dgram.createSocket({ type: 'udp4', signal: value }),
    (value) => validateAbortSignal(value, 'options.signal'),
  )
  same(
    'an unsigned number',
    (value) => dgram.createSocket({ type: 'bad' as 'udp4', recvBufferSize: value }),
    (value) => (value ? validateUint32(value, 'options.recvBufferSize') : undefined),
  )
  same(
    'a boolean',
    (value) => {
      net.setDefaultAutoSelectFamily(value)
      net.setDefaultAutoSelectFamily(true)
    },
    (value) => validateBoolean(value, 'value'),
  )
  same(
    'one of several classes',
    (value) => dgram.createSocket('udp4').send(value, 65536 as never, undefined as never),
    (value) => {
      const expected = ['Buffer', 'TypedArray', 'DataView', 'string']
      const isData = (one: unknown) => typeof one === 'string' || ArrayBuffer.isView(one)
      if (Array.isArray(value)) {
        if (!(value as unknown[]).every(isData)) throw invalidArgType('buffer list arguments', expected, value)
      } else if (!isData(value)) {
        throw invalidArgType('buffer', expected, value)
      }
      throw badPort('Port', 65536, false)
    },
  )
  same(
    'a value of an enumeration',
    (value) => (typeof value === 'string' ? new net.SocketAddress({ family: `x${value}` as 'ipv4' }) : undefined),
    (value) => {
      if (typeof value === 'string') throw invalidArgValue('options.family', `x${value}`)
    },
  )
})

describe('Errors are those of node:net and node:dgram of this Node', () => {
  it.each<[string, () => unknown, () => Error]>([
    ['a type', () => dgram.createSocket('x' as 'udp4'), () => nodeError('ERR_SOCKET_BAD_TYPE')],
    [
      'an argument that lacks',
      () => dgram.createSocket('udp4').addMembership(''),
      () => missingArgs('multicastAddress'),
    ],
    [
      'one of several arguments that lack',
      () => net.createServer().listen({} as never),
      () => {
        const reason = 'must have the property "port" or "path"'
        return invalidArgValue('options', {}, reason)
      },
    ],
    ['a state', () => dgram.createSocket('udp4').remoteAddress(), () => nodeError('ERR_SOCKET_DGRAM_NOT_CONNECTED')],
    [
      'a size that the system does not tell',
      () => dgram.createSocket('udp4').getRecvBufferSize(),
      () => bufferSizeError(-EBADF, 'uv_recv_buffer_size'),
    ],
  ])('%s', (_, theirs, ours) => {
    let thrown: unknown
    try {
      theirs()
    } catch (error) {
      thrown = error
    }
    expect(shown(ours())).toEqual(shown(thrown as Error))
  })

  it('a port that is taken, and a connection that nobody accepts', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    const [taken] = (await once(net.createServer().listen(port, '127.0.0.1'), 'error')) as [Error]
    expect(shown(listenException(-EADDRINUSE, 'listen', '127.0.0.1', port))).toEqual(shown(taken))
    server.close()
    await once(server, 'close')
    const [refused] = (await once(net.connect({ port, host: '127.0.0.1' }), 'error')) as [Error]
    expect(shown(exceptionWithHostPort(-ECONNREFUSED, 'connect', '127.0.0.1', port))).toEqual(shown(refused))
  })
})
