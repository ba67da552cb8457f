// The networks in which lessons take place.

import type { Scenario, ScenarioLink, ScenarioProgram } from '../engine/scenario.ts'

/** A program on its host: "bob/server" and its text. */
export function program(place: string, source: string, at?: number): ScenarioProgram {
  const [host = '', name = ''] = place.split('/')
  return at === undefined ? { host, name, source } : { host, name, source, at }
}

const BASE = { version: 1, seed: 1, ipv6: false, acts: [] } as const

/** alice, 10.0.0.1, and bob, 10.0.0.2, on one cable: 40 ms from end to end, unless `link` says otherwise. */
export function cable(name: string, programs: readonly ScenarioProgram[], link: Partial<ScenarioLink> = {}): Scenario {
  return {
    ...BASE,
    name,
    nodes: [
      { name: 'alice', kind: 'host', x: 120, y: 180 },
      { name: 'bob', kind: 'host', x: 520, y: 180 },
    ],
    links: [{ between: ['alice', 'bob'], delay: 40, address: { alice: '10.0.0.1/24', bob: '10.0.0.2/24' }, ...link }],
    programs,
  }
}

/** Hosts on a switch, each 10 ms from it: the first is 10.0.0.1, and so on. */
export function office(name: string, hosts: readonly string[], programs: readonly ScenarioProgram[]): Scenario {
  const places = [
    [120, 90],
    [520, 90],
    [120, 290],
    [520, 290],
    [320, 320],
  ] as const
  return {
    ...BASE,
    name,
    nodes: [
      { name: 'switch', kind: 'switch', x: 320, y: 190 },
      ...hosts.map((host, i) => ({
        name: host,
        kind: 'host' as const,
        x: places[i]?.[0] ?? 0,
        y: places[i]?.[1] ?? 0,
      })),
    ],
    links: hosts.map((host, i) => ({
      between: [host, 'switch'] as const,
      delay: 10,
      address: { [host]: `10.0.0.${i + 1}/24` },
    })),
    programs,
  }
}

/** Hosts around a router, 15 ms from it each: the first has 10.0.1.2, the second 10.0.11.2, and so on; bob has 10.0.2.2. */
export function routed(name: string, hosts: readonly string[], programs: readonly ScenarioProgram[]): Scenario {
  return {
    ...BASE,
    name,
    nodes: [
      ...hosts.map((host, i) => ({ name: host, kind: 'host' as const, x: 90, y: 60 + 120 * i })),
      { name: 'router', kind: 'router', x: 330, y: 180 },
      { name: 'bob', kind: 'host', x: 570, y: 180 },
    ],
    links: [
      ...hosts.map((host, i) => ({
        between: [host, 'router'] as const,
        delay: 15,
        address: { [host]: `10.0.${i * 10 + 1}.2/24`, router: `10.0.${i * 10 + 1}.1/24` },
      })),
      { between: ['router', 'bob'], delay: 15, address: { router: '10.0.2.1/24', bob: '10.0.2.2/24' } },
    ],
    programs,
  }
}

/** alice, 10.0.1.2, two routers, and bob, 10.0.2.2: packets of more than 1000 octets do not fit between the routers. */
export function narrows(name: string, programs: readonly ScenarioProgram[]): Scenario {
  return {
    ...BASE,
    name,
    nodes: [
      { name: 'alice', kind: 'host', x: 80, y: 180 },
      { name: 'east', kind: 'router', x: 250, y: 120 },
      { name: 'west', kind: 'router', x: 420, y: 240 },
      { name: 'bob', kind: 'host', x: 590, y: 180 },
    ],
    links: [
      { between: ['alice', 'east'], delay: 10, address: { alice: '10.0.1.2/24', east: '10.0.1.1/24' } },
      { between: ['east', 'west'], delay: 10, mtu: 1000, address: { east: '10.0.3.1/24', west: '10.0.3.2/24' } },
      { between: ['west', 'bob'], delay: 10, address: { west: '10.0.2.1/24', bob: '10.0.2.2/24' } },
    ],
    programs,
  }
}
