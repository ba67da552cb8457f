// Changes of a scenario by hand, and their undoing.

import { expect, test } from 'vitest'
import { readScenario, type Scenario, type ScenarioAct } from '../../lab/engine/scenario.ts'
import { History } from '../../lab/page/state/history.ts'
import {
  actText,
  connected,
  difference,
  freeName,
  isDown,
  linkAt,
  renamed,
  withAddress,
  withCondition,
  withKind,
  withLink,
  withNode,
  withoutAct,
  withoutLink,
  withoutNode,
} from '../../lab/page/state/scenario-edits.ts'

const three: Scenario = readScenario({
  version: 1,
  nodes: [
    { name: 'a', kind: 'host', x: 0, y: 0, tcp: { sack: false } },
    { name: 'b', kind: 'router', x: 10, y: 0 },
    { name: 'c', kind: 'host', x: 20, y: 0 },
  ],
  links: [
    { between: ['a', 'b'], delay: 5, address: { a: '10.1.0.1/24', b: '10.1.0.2/24' } },
    { between: ['b', 'c'], loss: 0.5 },
  ],
  programs: [
    { host: 'a', name: 'one', source: '' },
    { host: 'c', name: 'two', source: '' },
  ],
  acts: [
    { frame: 3, drop: true },
    { at: 5, link: 0, up: false },
    { at: 9, link: 1, conditions: { loss: 0, delay: 3 } },
    { at: 7, host: 'a', crash: true },
    { at: 8, host: 'c', end: 'two' },
  ],
})

test('what is taken out takes with it what names it; acts of other links have their new places, those of frames are gone', () => {
  const two = readScenario(withoutNode(three, 'a'))
  expect(two.nodes.map(({ name }) => name)).toEqual(['b', 'c'])
  expect(two.links).toEqual([{ between: ['b', 'c'], loss: 0.5 }])
  expect(two.programs.map(({ name }) => name)).toEqual(['two'])
  expect(two.acts).toEqual([
    { at: 9, link: 0, conditions: { loss: 0, delay: 3 } },
    { at: 8, host: 'c', end: 'two' },
  ])
  expect(readScenario(withoutLink(three, 1)).acts).not.toContainEqual(expect.objectContaining({ link: 1 }))
})

test('a node that is renamed is so wherever it is named', () => {
  const other = readScenario(renamed(three, 'a', 'alice'))
  expect(other.links[0]).toEqual({
    between: ['alice', 'b'],
    delay: 5,
    address: { alice: '10.1.0.1/24', b: '10.1.0.2/24' },
  })
  expect(other.programs[0]?.host).toBe('alice')
  expect(other.acts[3]).toEqual({ at: 7, host: 'alice', crash: true })
})

test('a name that is taken is refused by its field', () => {
  expect(() => readScenario(renamed(three, 'a', 'c'))).toThrow('nodes[2].name must be a new one, got "c" again')
})

test('what becomes a switch has neither TCP nor addresses nor programs', () => {
  const other = readScenario(withKind(three, 'a', 'switch'))
  expect(other.nodes[0]).toEqual({ name: 'a', kind: 'switch', x: 0, y: 0 })
  expect(other.links[0]).toEqual({ between: ['a', 'b'], delay: 5, address: { b: '10.1.0.2/24' } })
  expect(other.programs.map(({ host }) => host)).toEqual(['c'])
  expect(readScenario(withKind(three, 'a', 'router')).nodes[0]).toMatchObject({ kind: 'router', tcp: { sack: false } })
})

test('nodes and links are added, and links are changed', () => {
  const four = withNode(three, { name: freeName(three, 'host'), kind: 'host', x: 1, y: 2 })
  const joined = readScenario(connected(four, 'host1', 'a'))
  expect(joined.links[2]).toEqual({ between: ['host1', 'a'], delay: 10 })
  expect(joined.acts.some((act) => 'frame' in act)).toBe(false)
  const link = withCondition(withAddress(three.links[1] as Scenario['links'][0], 'c', '10.9.0.1/24'), 'loss', undefined)
  expect(withLink(three, 1, link).links[1]).toEqual({ between: ['b', 'c'], address: { c: '10.9.0.1/24' } })
  expect(withAddress(link, 'c', '')).toEqual({ between: ['b', 'c'] })
})

test('a link is at each instant what was done to it until then', () => {
  expect(linkAt(three, 0, 4)).toEqual({ delay: 5, up: true })
  expect(linkAt(three, 0, 5)).toEqual({ delay: 5, up: false })
  expect(linkAt(three, 1, 8)).toEqual({ loss: 0.5, up: true })
  expect(linkAt(three, 1, 9)).toEqual({ loss: 0, delay: 3, up: true })
  expect([isDown(three, 'a', 6), isDown(three, 'a', 7)]).toEqual([false, true])
  const restarted = { ...three, acts: [{ at: 10, host: 'a', restart: true as const }, ...three.acts] }
  expect([isDown(restarted, 'a', 9), isDown(restarted, 'a', 10)]).toEqual([true, false])
})

test('acts are told in words, and each can be taken back', () => {
  expect(three.acts.map((act) => actText(act, three))).toEqual([
    'packet 3: dropped',
    '0.005 s, a — b: cut',
    '0.009 s, b — c: 0 % lost, 3 ms',
    '0.007 s, a: crashed',
    '0.008 s, c: two ended',
  ])
  const typed: readonly ScenarioAct[] = [
    { at: 1, host: 'a', run: 'nc -l 7' },
    { at: 2, host: 'a', type: 'x\n' },
    { at: 3, host: 'a', signal: 'SIGINT' },
  ]
  expect(typed.map((act) => actText(act, three))).toEqual([
    '0.001 s, a$ nc -l 7',
    '0.002 s, a: "x\\n" typed',
    '0.003 s, a: Ctrl-C',
  ])
  expect(actText({ frame: 2, delay: 50, duplicate: 1, flip: [165] }, three)).toBe(
    'packet 2: held back 50 ms, doubled once, damaged in octet 20',
  )
  expect(withoutAct(three, 0).acts).toEqual(three.acts.slice(1))
})

test('where nodes are drawn makes no other run; acts make one that is the same until they happen', () => {
  const moved = { ...three, nodes: three.nodes.map((node) => ({ ...node, x: node.x + 1 })) }
  expect(difference(three, moved)).toBe('drawing')
  expect(difference(three, withoutAct(moved, 0))).toBe('acts')
  expect(difference(three, withoutLink(three, 0))).toBe('run')
})

test('changes are undone and done again, in order; one after an undo leaves nothing to do again', () => {
  const history = new History<string>()
  expect(history.undo('a')).toBe(null)
  history.record('a')
  history.record('b')
  expect(history.undo('c')).toBe('b')
  expect(history.undo('b')).toBe('a')
  expect(history.canUndo).toBe(false)
  expect(history.redo('a')).toBe('b')
  history.record('b')
  expect(history.canRedo).toBe(false)
  expect(history.undo('d')).toBe('b')
})

test('steps of one movement are undone as one, and what was refused is not undone', () => {
  const history = new History<number>()
  history.record(0, 'move a')
  history.record(1, 'move a')
  history.record(2, 'move b')
  history.record(3)
  history.forget()
  expect([history.undo(9), history.undo(2), history.undo(0)]).toEqual([2, 0, null])
})
