import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import {
  checkBoolean,
  checkInteger,
  checkMethods,
  checkNumber,
  checkOptions,
  checkText,
  given,
  isBytes,
} from '../../src/base/argument.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'

const wrong = <T>(value: unknown) => value as T

test.each([
  ['text', '"text"'],
  [5, '5'],
  [null, 'null'],
  [undefined, 'undefined'],
  [[1], 'an array'],
  [() => {}, 'a function'],
  [new Map(), 'an object of class Map'],
  [Object.create(null), 'an object'],
])('given: %o is told as %s', (value, text) => {
  expect(given(value)).toBe(text)
})

test('an argument of the wrong kind is a TypeError, one that cannot be a RangeError', () => {
  expect(() => checkInteger('n', '1')).toThrow(new TypeError('n must be an integer, got "1"'))
  expect(() => checkInteger('n', 1.5)).toThrow(RangeError)
  expect(() => checkInteger('n', 8, 0, 7)).toThrow(new RangeError('n must be an integer from 0 to 7, got 8'))
  expect(() => checkNumber('n', null)).toThrow(new TypeError('n must be a number, got null'))
  expect(() => checkBoolean('b', 0)).toThrow(new TypeError('b must be true or false, got 0'))
  expect(() => checkText('t', 7)).toThrow(new TypeError('t must be a string, got 7'))
  expect(() => checkText('t', '')).toThrow(RangeError)
  expect(() => checkMethods('m', { one() {} }, 'a Pair', 'one', 'two')).toThrow(
    new TypeError('m must be a Pair, got an object of class Object'),
  )
})

test('options: a key that there is not is named with those that there are', () => {
  expect(() => checkOptions('options', { los: 1 }, ['loss', 'delay'])).toThrow(
    new TypeError("options has no 'los': there are loss, delay"),
  )
  expect(() => checkOptions('options', 5, [])).toThrow(new TypeError('options must be an object, got 5'))
  expect(() => checkOptions('options', [], [])).toThrow(new TypeError('options must be an object, got an array'))
  // An AbortSignal in the place of `{ signal }`.
  expect(() => checkOptions('options', new AbortController().signal, ['signal'])).toThrow(TypeError)
})

test('options: of many keys, those that may be meant are named, and where they all are described', () => {
  const check = (key: string) => () =>
    checkOptions('tcp', { [key]: 1 }, ['noDelay', 'initialRto', 'sack', 'mss'], 'x has all')
  expect(check('nodelay')).toThrow(new TypeError("tcp has no 'nodelay': did you mean 'noDelay'? x has all"))
  expect(check('rto')).toThrow(new TypeError("tcp has no 'rto': did you mean 'initialRto'? x has all"))
  expect(check('sacc')).toThrow(new TypeError("tcp has no 'sacc': did you mean 'sack'? x has all"))
  expect(check('colour')).toThrow(new TypeError("tcp has no 'colour': x has all"))
})

test('a seed and a time must be numbers', () => {
  expect(() => new SeededRandom(wrong('x'))).toThrow('seed must be an integer, got "x"')
  expect(() => new SeededRandom(Number.NaN)).toThrow(RangeError)
  expect(() => new ManualClock(wrong('x'))).toThrow('start must be a number of milliseconds, got "x"')
  const clock = new ManualClock(5)
  expect(() => clock.advanceTo(wrong('x'))).toThrow('at must be a number of milliseconds, got "x"')
  expect(() => clock.advanceTo(Number.NaN)).toThrow(TypeError)
  expect(clock.now()).toBe(5)
})

test('octets of another realm are octets', () => {
  expect(isBytes(runInNewContext('new Uint8Array(3)'))).toBe(true)
  expect(isBytes(runInNewContext('new Uint16Array(3)'))).toBe(false)
  expect(isBytes([1])).toBe(false)
})
