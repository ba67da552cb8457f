// Octets are compared as octets: vitest goes through a Uint8Array element by element, half a second for each 300 KB.

import { expect } from 'vitest'

expect.addEqualityTesters([
  (one: unknown, other: unknown) => {
    const octets = one instanceof Uint8Array && other instanceof Uint8Array
    return octets && one.constructor === other.constructor ? Buffer.compare(one, other) === 0 : undefined
  },
])
