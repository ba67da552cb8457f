import { expect, test } from 'vitest'
import { Patience } from '../../lab/page/thread/patience.ts'

/** Looks twice a second, as the page does; what was thought last. */
function looks(patience: Patience, from: number, to: number): string {
  let found = ''
  for (let at = from; at <= to && found !== 'hung'; at += 500) found = patience.look(at)
  return found
}

function begun(): Patience {
  const patience = new Patience()
  patience.begins(1)
  return patience
}

test('a thread that does not answer for four seconds is held up; who is asked for nothing may be silent', () => {
  const patience = begun()
  expect(looks(patience, 1000, 60_000)).toBe('well')
  patience.asks(60_000)
  expect(looks(patience, 60_500, 63_500)).toBe('well')
  expect(looks(patience, 64_000, 64_000)).toBe('hung')
})

test('a page that has stood still has not read yet what the thread has said: it waits anew', () => {
  const patience = begun()
  patience.hears(1000, true)
  expect(looks(patience, 1000, 1500)).toBe('well')
  expect(patience.look(90_000)).toBe('well')
  expect(looks(patience, 90_500, 93_500)).toBe('well')
  expect(looks(patience, 94_000, 94_000)).toBe('hung')
})

test('a thread that waits for the page is not held up, whatever else it is asked for', () => {
  const patience = begun()
  patience.asks(1000)
  patience.owes()
  patience.asks(1100)
  expect(looks(patience, 1500, 30_000)).toBe('well')
  patience.gives(30_000)
  expect(looks(patience, 30_500, 33_500)).toBe('well')
  expect(looks(patience, 34_000, 34_000)).toBe('hung')
})

test('a thread that has not begun is missing after a minute', () => {
  const patience = new Patience()
  patience.asks(1000)
  expect(looks(patience, 1500, 61_000)).toBe('well')
  expect(looks(patience, 61_500, 61_500)).toBe('missing')
})
