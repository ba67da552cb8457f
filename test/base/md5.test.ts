import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Md5 } from '../../src/base/md5.ts'

function md5(...pieces: Uint8Array[]): string {
  const hash = new Md5()
  for (const piece of pieces) hash.update(piece, 0, piece.length)
  const digest = new Uint8Array(18)
  hash.digest(digest, 1)
  return Buffer.from(digest.subarray(1, 17)).toString('hex')
}

describe('MD5 (RFC 1321)', () => {
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      '57edf4a22be3c955ac49da2e2107b67a',
    ],
  ])('gives the digest of %j in its test suite (appendix A.5)', (text, digest) => {
    expect(md5(new TextEncoder().encode(text))).toBe(digest)
  })

  it('gives what another MD5 gives, however the octets are cut', () => {
    const octets = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        expect(md5(a, b)).toBe(createHash('md5').update(a).update(b).digest('hex'))
      }),
    )
  })

  it('begins anew', () => {
    const hash = new Md5()
    hash.update(Uint8Array.of(1, 2, 3), 0, 3)
    hash.begin()
    const digest = new Uint8Array(16)
    hash.digest(digest, 0)
    expect(Buffer.from(digest).toString('hex')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  })
})
