// What callers get wrong is told by its name and its value, before anything has changed.

import { afterEach, expect, it } from 'vitest'
import { Simulation } from '../../src/sim/index.ts'

const net = new Simulation()
const alice = net.host('alice')
const bob = net.host('bob')
const link = net.link(alice, bob)
const bad = (value: unknown) => value as never

// Whatever was refused has left no program, no crash and no task behind.
afterEach(() => {
  expect(net.hosts.flatMap((host) => [host.crashes, host.programs.length])).toEqual([0, 0, 0, 0])
})

it.each<[string, () => unknown, typeof TypeError, string]>([
  ['at', () => net.at(-1, () => {}), RangeError, 'milliseconds must be an instant from now, 0 ms, on, got -1'],
  ['at', () => net.at(Number.NaN, () => {}), RangeError, 'milliseconds must be an instant from now, 0 ms, on, got NaN'],
  ['at', () => net.at(Number.POSITIVE_INFINITY, () => {}), RangeError, 'milliseconds must be finite, got Infinity'],
  ['at', () => net.at(5, bad(null)), TypeError, 'task must be a function, got null'],
  ['run', () => net.run({ until: -5 }), RangeError, 'until must be an instant from now, 0 ms, on, got -5'],
  ['run', () => net.run({ until: Number.NaN }), RangeError, 'until must be an instant from now, 0 ms, on, got NaN'],
  ['run', () => net.run({ until: bad('5') }), TypeError, 'until must be a number, got "5"'],
  ['run', () => net.run({ limit: -1 }), RangeError, 'limit must be 0 or more milliseconds, got -1'],
  ['run', () => net.run({ limit: Number.NaN }), RangeError, 'limit must be 0 or more milliseconds, got NaN'],
  ['run', () => net.run({ steps: 0 }), RangeError, 'steps must be 1 or more, got 0'],
  ['run', () => net.run({ pause: bad(1) }), TypeError, 'pause must be a function, got 1'],
  ['run', () => net.run(bad(5000)), TypeError, 'options must be an object, got 5000'],
  [
    'run',
    () => net.run(bad({ untill: 5 })),
    TypeError,
    "options has no 'untill': there are until, limit, steps, pause",
  ],
  ['rest', () => net.rest(-1), RangeError, 'limit must be 0 or more milliseconds, got -1'],
  ['rest', () => net.rest(Number.NaN), RangeError, 'limit must be 0 or more milliseconds, got NaN'],
  ['withGlobals', () => net.withGlobals(bad(7)), TypeError, 'task must be a function, got 7'],
  [
    'log',
    () => net.log(bad({})),
    TypeError,
    'log must be an object with a method frame, got an object of class Object',
  ],
  ['capture', () => net.capture(''), RangeError, 'to must not be empty, got ""'],
  ['partition', () => net.partition(bad([1])), TypeError, 'groups[0] must be a host, router or switch, got 1'],
  [
    'find',
    () => net.find(bad(undefined)),
    RangeError,
    'name must be that of a host, got undefined: there are alice, bob',
  ],
  ['host', () => net.host(bad(5)), TypeError, 'name must be a string, got 5'],
  ['host', () => net.host(''), RangeError, 'name must not be empty, got ""'],
  ['host', () => net.host('x', bad(null)), TypeError, 'options must be an object, got null'],
  ['host', () => net.host('x', bad({ clock: 1 })), TypeError, "options must not have 'clock': a host has that of its"],
  ['host', () => net.host('x', bad({ tpc: {} })), TypeError, "options has no 'tpc': there are "],
  ['router', () => net.router('x', bad('y')), TypeError, 'options must be an object, got "y"'],
  ['switch', () => net.switch(bad(undefined)), TypeError, 'name must be a string, got undefined'],
  ['link', () => net.link(alice, bad(undefined)), TypeError, 'b must be a host, router or switch, got undefined'],
  ['link', () => net.link(alice, bob, bad(20)), TypeError, 'options must be an object, got 20'],
  [
    'link',
    () => net.link(alice, bob, { address: { alice: '192.0.2.1/24', bob: '192.0.2.1/24' } }),
    RangeError,
    'address 192.0.2.1 must be that of one end of alice-bob, got it for both',
  ],
  [
    'link',
    () => net.link(alice, bob, { delay: Number.NaN }),
    RangeError,
    'delay must be 0 or more milliseconds, got NaN',
  ],
  ['link', () => net.link(alice, bob, { loss: bad('1%') }), TypeError, 'loss must be a number, got "1%"'],
  ['link', () => net.link(alice, bob, { name: bad(5) }), TypeError, 'name must be a string, got 5'],
  ['link', () => net.link(alice, bob, { address: { alice: 'x' } }), TypeError, '"x"'],
  ['link', () => net.link(alice, bob, { address: { alice: '192.0.2.1' } }), TypeError, '"192.0.2.1"'],
  ['link', () => net.link(alice, bob, { address: { alice: bad(7) } }), TypeError, 'got 7'],
  ['link', () => net.link(alice, bob, { rate: -1 }), RangeError, 'got -1'],
  ['link.set', () => link.set(bad(null)), TypeError, 'options must be an object, got null'],
  ['link.set', () => link.set({ name: 'x' } as never), TypeError, "options has no 'name'"],
  ['Simulation', () => new Simulation(bad(7)), TypeError, 'options must be an object, got 7'],
  ['Simulation', () => new Simulation({ seed: 2 ** 40 }), RangeError, 'got 1099511627776'],
  ['Simulation', () => new Simulation({ date: new Date('soon') }), RangeError, 'Date, got Invalid Date'],
  ['Simulation', () => new Simulation({ date: 1e300 }), RangeError, 'Date, got 1e+300'],
  ['Simulation', () => new Simulation({ ipv6: bad('yes') }), TypeError, 'ipv6 must be true or false, got "yes"'],
  ['host.run', () => alice.run(bad(5)), TypeError, 'program must be a function, got 5'],
  ['host.run', () => alice.run(() => {}, { name: bad(5) }), TypeError, 'name must be a string, got 5'],
  ['host.run', () => alice.run(() => {}, { daemon: bad(1) }), TypeError, 'daemon must be true or false, got 1'],
  ['host.restart', () => alice.restart(bad(5)), TypeError, 'program must be a function, got 5'],
  ['host.sleep', () => alice.sleep(Number.NaN), RangeError, 'milliseconds must be 0 or more, got NaN'],
  ['host.timeout', () => alice.timeout(-1), RangeError, 'milliseconds must be 0 or more, got -1'],
  ['host.connect', () => alice.connect(bad(undefined), 80), TypeError, 'name must be a string, got undefined'],
  [
    'host.connect',
    () => alice.connect('bob', 70_000),
    RangeError,
    'port must be an integer from 0 to 65535, got 70000',
  ],
  ['host.connect', () => alice.connect('bob', 80, bad(null)), TypeError, 'options must be an object, got null'],
  [
    'host.connect',
    () => alice.connect('bob', 80, { family: 99 }),
    RangeError,
    'family must be AF_INET or AF_INET6, got 99',
  ],
  ['host.lookup', () => alice.lookup(bad(5)), TypeError, 'name must be a string, got 5'],
  ['host.listen', () => alice.listen(80, bad('many')), TypeError, 'backlog must be an integer, got "many"'],
  ['host.datagrams', () => alice.datagrams(-1), RangeError, 'port must be an integer from 0 to 65535, got -1'],
])('%s: %s', async (_method, call, kind, message) => {
  const thrown = await (async () => call())().catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(kind)
  expect((thrown as Error).message).toContain(message)
})

it('an instant that is over is told with what it is now', async () => {
  const later = new Simulation()
  await later.run({ until: 500 })
  expect(() => later.at(499, () => {})).toThrow('milliseconds must be an instant from now, 500 ms, on, got 499')
  await expect(later.run({ until: 100 })).rejects.toThrow('until must be an instant from now, 500 ms, on, got 100')
})
