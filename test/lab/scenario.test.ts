import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { EMPTY_SCENARIO, readScenario, ScenarioError } from '../../lab/engine/scenario.ts'
import { twoHosts } from './two-hosts.ts'

const good = twoHosts([['alice', 'a', '']])

test('a scenario is the same after it was JSON', () => {
  const full = {
    ...good,
    nodes: [...good.nodes, { name: 'r', kind: 'router', x: 1.5, y: -2, tcp: { sack: false } }],
    links: [{ between: ['alice', 'r'], loss: 0.1, rate: 1e6, mtu: 900, address: { alice: '192.0.2.1/24' } }],
    acts: [
      { frame: 3, drop: true },
      { at: 5, link: 0, up: false },
      { at: 6, link: 0, conditions: { delay: 3 } },
      { at: 7, host: 'alice', crash: true },
      { at: 8, host: 'alice', end: 'a' },
      { at: 9, host: 'r', run: 'ping -c 3 alice' },
      { at: 10, host: 'r', type: 'a line\n\x04' },
      { at: 11, host: 'r', signal: 'SIGINT' },
    ],
  }
  expect(readScenario(JSON.parse(JSON.stringify(full)))).toEqual(full)
  expect(readScenario({ version: 1 })).toEqual(EMPTY_SCENARIO)
})

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [null, /^scenario must be an object, got null$/],
  [[], /^scenario must be an object, got an array$/],
  ['x', /^scenario must be an object, got "x"$/],
  [{}, /^version must be 1, got undefined$/],
  [{ ...good, version: 2 }, /^version must be 1, got 2$/],
  [{ ...good, seeds: 1 }, /seeds/],
  [{ ...good, seed: 1.5 }, /^seed must be an integer/],
  [{ ...good, ipv6: 1 }, /^ipv6 must be true or false, got 1$/],
  [{ ...good, nodes: {} }, /^nodes must be an array, got an object of class Object$/],
  [
    { ...good, nodes: [{ name: 'a b', kind: 'host', x: 0, y: 0 }] },
    /^nodes\[0\]\.name must be 1 to 30 letters.* got "a b"$/,
  ],
  [{ ...good, nodes: [{ name: '<img>', kind: 'host', x: 0, y: 0 }] }, /^nodes\[0\]\.name must be/],
  [
    { ...good, nodes: [{ name: 'constructor', kind: 'host', x: 0, y: 0 }] },
    /^nodes\[0\]\.name must not be a name of JavaScript's own, got "constructor"$/,
  ],
  [
    { ...good, links: [{ between: ['alice', 'bob'], delay: 1e99 }] },
    /^links\[0\]\.delay must be at most 3600000 milliseconds, got 1e\+99$/,
  ],
  [
    { ...good, nodes: [{ name: 'a', kind: 'hub', x: 0, y: 0 }] },
    /^nodes\[0\]\.kind must be one of host, router, switch, got "hub"$/,
  ],
  [{ ...good, nodes: [{ name: 'a', kind: 'host', x: null, y: 0 }] }, /^nodes\[0\]\.x must be a number, got null$/],
  [{ ...good, nodes: [...good.nodes, ...good.nodes] }, /^nodes\[2\]\.name must be a new one, got "alice" again$/],
  [{ ...good, nodes: Array(101).fill(good.nodes[0]) }, /^nodes must have at most 100 entries, got 101$/],
  [
    { ...good, nodes: [{ name: 's', kind: 'switch', x: 0, y: 0, tcp: {} }], links: [], programs: [] },
    /^nodes\[0\]\.tcp must be left out/,
  ],
  [{ ...good, links: [{ between: ['alice'] }] }, /^links\[0\]\.between must be the names of two nodes, got an array$/],
  [
    { ...good, links: [{ between: ['alice', 'carol'] }] },
    /^links\[0\]\.between\[1\] must be the name of a node, got "carol"$/,
  ],
  [
    { ...good, links: [{ between: ['alice', 'alice'] }] },
    /^links\[0\]\.between must name two nodes, got "alice" twice$/,
  ],
  [{ ...good, links: [{ between: ['alice', 'bob'], loss: 3 }] }, /^links\[0\]\.loss must be from 0 to 1 .* got 3$/],
  [
    { ...good, links: [{ between: ['alice', 'bob'], rate: 'fast' }] },
    /^links\[0\]\.rate must be a number, got "fast"$/,
  ],
  [
    { ...good, links: [{ between: ['alice', 'bob'], mtu: 10 }] },
    /^links\[0\]\.mtu must be an integer from 68 to 65535, got 10$/,
  ],
  [
    { ...good, ipv6: true, links: [{ between: ['alice', 'bob'], mtu: 1000 }] },
    /^links\[0\]\.mtu must be an integer from 1280/,
  ],
  [
    { ...good, links: [{ between: ['alice', 'bob'], address: { alice: '1.2.3' } }] },
    /^links\[0\]\.address\.alice .*"1\.2\.3"/,
  ],
  [
    { ...good, programs: [{ host: 'carol', name: 'x', source: '' }] },
    /^programs\[0\]\.host must be the name of a node, got "carol"$/,
  ],
  [{ ...good, programs: [{ host: 'alice', name: 'x', source: 3 }] }, /^programs\[0\]\.source must be a string, got 3$/],
  [{ ...good, programs: [{ host: 'alice', name: '', source: '' }] }, /^programs\[0\]\.name must not be empty/],
  [
    { ...good, programs: [{ host: 'alice', name: 'x', source: '', at: -1 }] },
    /^programs\[0\]\.at must be 0 or more milliseconds, got -1$/,
  ],
  [{ ...good, programs: [...good.programs, ...good.programs] }, /^programs\[1\]\.name must be a new one/],
  [{ ...good, acts: [{ frame: 0, drop: true }] }, /^acts\[0\]\.frame must be an integer from 1/],
  [{ ...good, acts: [{ frame: 1, lose: true }] }, /lose/],
  [{ ...good, acts: [{ at: 1, link: 1, up: true }] }, /^acts\[0\]\.link must be an integer from 0 to 0, got 1$/],
  [{ ...good, acts: [{ at: 1, link: 0, conditions: { loss: -1 } }] }, /^acts\[0\]\.conditions\.loss must be/],
  [
    { ...good, acts: [{ at: 1, host: 'alice', end: 'b' }] },
    /^acts\[0\]\.end must be the name of a program on alice, got "b"$/,
  ],
  [
    { ...good, acts: [{ at: 1, host: 'alice', run: 'ping\nping' }] },
    /^acts\[0\]\.run must be one line of at most 1000 characters, and not blank, got "ping\\nping"$/,
  ],
  [{ ...good, acts: [{ at: 1, host: 'alice', run: ' ' }] }, /^acts\[0\]\.run must be one line.* got " "$/],
  [{ ...good, acts: [{ at: 1, host: 'alice', run: 7 }] }, /^acts\[0\]\.run must be a string, got 7$/],
  [{ ...good, acts: [{ at: 1, host: 'alice', type: '' }] }, /^acts\[0\]\.type must not be empty, got ""$/],
  [
    { ...good, acts: [{ at: 1, host: 'alice', type: 'x'.repeat(10_001) }] },
    /^acts\[0\]\.type must have at most 10000 characters, got 10001$/,
  ],
  [
    { ...good, acts: [{ at: 1, host: 'alice', signal: 'SIGKILL' }] },
    /^acts\[0\]\.signal must be one of SIGINT, SIGTERM, got "SIGKILL"$/,
  ],
  [{ ...good, acts: [3] }, /^acts\[0\] must be an object, got 3$/],
]

test.each(wrong)('a scenario that cannot be is refused by its field: %j', (scenario, message) => {
  expect(() => readScenario(scenario)).toThrow(ScenarioError)
  expect(() => readScenario(scenario)).toThrow(message)
})

test('what only the network knows is refused by its field as well', () => {
  const ring = {
    ...good,
    nodes: ['a', 'b', 'c'].map((name) => ({ name, kind: 'switch', x: 0, y: 0 }) as const),
    links: [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ].map((between) => ({ between: between as [string, string] })),
    programs: [],
  }
  expect(() => new LabRun(ring)).toThrow(/^links\[2\]: link c-a would close a ring of switches/)
  const taken = {
    ...good,
    links: [{ between: ['alice', 'bob'] as const, address: { alice: '10.0.0.1/24', bob: '10.0.0.1/24' } }],
  }
  expect(() => new LabRun(taken)).toThrow(ScenarioError)
  expect(
    () => new LabRun({ ...good, nodes: [{ name: 'alice', kind: 'host', x: 0, y: 0, tcp: { sacks: 1 } }], links: [] }),
  ).toThrow(/^nodes\[0\]: .*sacks/)
})
