import { expect, test } from 'vitest'
import { OwnAddresses } from '../../src/stack/link/own-addresses.ts'
import { ip, OneStack6 } from './one-stack6.ts'

// The first two end in the same octet, and so does one that is not ours.
const FIRST = ip('2001:db8::f5')
const SECOND = ip('2001:db8:1::1f5')
const THIRD = ip('2001:db8::6')
const OTHER = ip('2001:db8::1:2f5')
const ALL = [FIRST, SECOND, THIRD, OTHER]

function table() {
  const { stack, link } = new OneStack6()
  return { own: new OwnAddresses(1), left: link, right: stack.loopback }
}

test('own addresses: each is ours until it is deleted, whatever others end in the same octet', () => {
  const { own, left } = table()
  const ours = () => ALL.map((address) => own.has(address))
  expect(ours()).toEqual([false, false, false, false])
  for (const address of [FIRST, SECOND, THIRD]) own.add(address, left)
  expect(ours()).toEqual([true, true, true, false])
  own.delete(FIRST, left)
  expect(ours()).toEqual([false, true, true, false])
  own.delete(FIRST, left)
  own.delete(OTHER, left)
  expect(ours()).toEqual([false, true, true, false])
  own.add(FIRST, left)
  own.delete(SECOND, left)
  expect(ours()).toEqual([true, false, true, false])
})

test('own addresses: one that is given twice belongs to the later interface, and is gone when deleted once', () => {
  const { own, left, right } = table()
  own.add(FIRST, left)
  own.add(FIRST, right)
  own.delete(FIRST, left)
  expect([own.has(FIRST), own.owner(FIRST)]).toEqual([true, right])
  own.add(SECOND, left)
  own.delete(FIRST, right)
  expect([own.has(FIRST), own.has(SECOND)]).toEqual([false, true])
  own.delete(SECOND, left)
  own.add(FIRST, left)
  expect([own.has(FIRST), own.has(SECOND)]).toEqual([true, false])
})

test('own addresses: all of an interface go together', () => {
  const { own, left, right } = table()
  own.add(FIRST, left)
  own.add(SECOND, right)
  own.add(THIRD, left)
  own.deleteAll(left)
  expect(ALL.map((address) => own.has(address))).toEqual([false, true, false, false])
  own.deleteAll(right)
  own.add(FIRST, right)
  expect(ALL.map((address) => own.has(address))).toEqual([true, false, false, false])
})
