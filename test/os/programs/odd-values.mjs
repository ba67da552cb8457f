// What no call was made for: values of every wrong kind, and octets that are not where they say.

const lying = (length) =>
  class extends Uint8Array {
    get length() {
      return length
    }

    get byteLength() {
      return length
    }
  }

function detached() {
  const bytes = new Uint8Array(64)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

// A view whose buffer has become smaller than it: out of bounds, or, where it follows the buffer, short.
function shrunk(follows) {
  const buffer = new ArrayBuffer(65536, { maxByteLength: 65536 })
  const bytes = follows ? new Uint8Array(buffer) : new Uint8Array(buffer, 4096, 8192)
  buffer.resize(follows ? 3 : 16)
  return bytes
}

/** Views that are Uint8Arrays of some kind; those that are made anew may be filled by calls. */
export const oddBytes = [
  detached,
  () => shrunk(true),
  () => shrunk(false),
  () => new Uint8Array(0),
  () => new Uint8Array(1),
  () => new Uint8Array(64),
  () => new Uint8Array(1 << 20),
  () => new Uint8Array(new SharedArrayBuffer(100)),
  () => new Uint8Array(new SharedArrayBuffer(100, { maxByteLength: 200 })),
  () => new Uint8Array(100).subarray(99),
  () => new Uint8Array(100).subarray(100),
  () => Buffer.from('octets'),
  () => Buffer.alloc(0),
  () => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 65500),
  () => new (lying(1 << 30))(8),
  () => new (lying(-1))(8),
  () => new (lying(Number.NaN))(8),
  () => Object.freeze(Object.create(Uint8Array.prototype)),
  () => new Proxy(new Uint8Array(8), {}),
  () => ({ [Symbol.toStringTag]: 'Uint8Array', length: 1 << 20, byteOffset: 0, buffer: new ArrayBuffer(8) }),
]

// Different each time that it is asked for.
const wavering = () => {
  let times = 0
  return { valueOf: () => (times++ === 0 ? 1 : 1 << 30) }
}

export const oddValues = [
  () => undefined,
  () => null,
  () => true,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1,
  () => -0,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 32,
  () => -(2 ** 31),
  () => 2 ** 53,
  () => 1e308,
  () => 5n,
  () => 2n ** 70n,
  () => '',
  () => '1',
  () => 'a\0b',
  () => '\0'.repeat(200),
  () => 'x'.repeat(100_000),
  () => '\ud800',
  () => Symbol('odd'),
  () => () => 1,
  () => ({}),
  () => Object.create(null),
  () => [],
  () => [1, 2, 3],
  () => [undefined],
  () => new Array(10),
  () => new Array(2000).fill(new Uint8Array(1)),
  () => new Map(),
  () => new Date(Number.NaN),
  () => Promise.resolve(1),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => new SharedArrayBuffer(8),
  () => new Float64Array(8),
  () => new Int32Array(8),
  () => new BigInt64Array(8),
  () => new Uint8ClampedArray(8),
  () => wavering(),
  () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new RangeError('a getter that throws')
        },
      },
    ),
  () => new Proxy([new Uint8Array(8)], { get: (array, key) => (key === 'length' ? 1000 : array[key]) }),
]
