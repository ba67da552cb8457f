// What keys are called, and whose they are; and what the time line marks.

import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { isForPage, keyOf, keyText } from '../../lab/page/keys.ts'
import { places, Retransmissions } from '../../lab/page/time/time-marks.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

function press(
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
): string {
  return keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })
}

/** An element that is what `selectors` say, each for itself. */
function at(...selectors: string[]): { closest(selector: string): unknown } {
  return { closest: (selector) => (selectors.some((one) => selector.split(/, ?/).includes(one)) ? {} : null) }
}

test('a key is called by what it writes; Cmd is Ctrl, and what is held with Alt is the browser’s', () => {
  expect(press(' ')).toBe('space')
  expect(press('?', { shiftKey: true })).toBe('?')
  expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+z')
  expect(press('z', { metaKey: true })).toBe('Ctrl+z')
  expect(press('ArrowRight', { shiftKey: true })).toBe('Shift+ArrowRight')
  expect(press('f', { altKey: true })).toBe('')
  expect(keyText('Ctrl+Shift+z')).toBe('Ctrl ⇧ Z')
})

test('no key is the page’s while one types, or in a dialog', () => {
  for (const place of ['textarea', '[contenteditable=true]', 'dialog', 'select']) {
    for (const key of ['j', '/', 'space', 'Ctrl+z', '1']) expect(isForPage(key, at(place))).toBe(false)
  }
  expect(isForPage('j', at())).toBe(true)
})

test('space is a button’s where one has the focus; arrows are a list’s, a slider’s, a node’s', () => {
  expect(isForPage('space', at('button'))).toBe(false)
  expect(isForPage('.', at('button'))).toBe(true)
  for (const place of ['[role=listbox]', '[role=separator]', '.node', '[role=tablist]', 'input']) {
    expect(isForPage('ArrowRight', at(place))).toBe(false)
  }
  expect(isForPage('ArrowRight', at('button'))).toBe(true)
})

test('the time line marks data that is sent again, once for each, and forgets it where the run begins anew', async () => {
  const run = new LabRun({
    ...twoHosts([
      ['bob', 'server', upperServer],
      ['alice', 'client', upperClient],
    ]),
    acts: [{ frame: 6, drop: true }],
  })
  await run.advance(1000)
  const { frames } = run.take()
  const again = new Retransmissions()
  const whole = { leftAt: 0, dueAt: 0, arrivedAt: 0, lostAt: 0, why: '', damaged: false }
  const all = frames.map((frame) => ({ ...frame, ...whole }))
  const found = [...again.look(all)]
  // Neither has heard of the other: bob's answer was dropped, and with it went what acknowledged alice's data.
  expect(found).toEqual([270, 280])
  expect(again.look(all)).toEqual(found)
  expect(again.look([])).toEqual([])
  run.close()
})

test('marks that are next to each other are one', () => {
  expect(places([0, 0.01, 50, 100, 101], 100)).toEqual([0, 50, 100])
})
