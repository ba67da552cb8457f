import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EINVAL, ENOBUFS, ENODEV } from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ANY_SOURCE, type SourceFilter } from '../../src/stack/multicast/group-table.ts'
import { FAMILIES, type Family, GroupHost } from './multicast-host.ts'
import { ScriptDevice } from './script-device.ts'

const SOURCES = ['a', 'b', 'c', 'd', 'e', 'f']

/** A naive model of RFC 3376 section 3.2, with sets. */
function merged(filters: readonly { include: boolean; sources: ReadonlySet<string> }[]) {
  const excluding = filters.filter((filter) => !filter.include)
  const wanted = new Set(filters.filter((filter) => filter.include).flatMap((filter) => [...filter.sources]))
  if (excluding.length === 0) return { include: true, sources: wanted }
  const blocked = SOURCES.filter((source) => excluding.every((filter) => filter.sources.has(source)))
  return { include: false, sources: new Set(blocked.filter((source) => !wanted.has(source))) }
}

function names(host: GroupHost, filter: SourceFilter | null): string {
  if (filter === null) return 'none'
  const sources = filter.sources.map((source) => host.name(source)).sort()
  return filter.include ? sources.join(' ') : ['all but', ...sources].join(' ')
}

/** What a router on the link knows of group g from the reports it has heard: RFC 3376 section 6.4, its timers run out at once. */
class Router {
  include = true
  sources = new Set<string>()

  hear(report: string): void {
    for (const [, type, list] of report.matchAll(/(\w+) g\(([^)]*)\)/g)) {
      const sources = new Set((list as string).split(' ').filter((name) => name !== ''))
      if (type === 'TO_IN' || type === 'IS_IN') [this.include, this.sources] = [true, sources]
      else if (type === 'TO_EX' || type === 'IS_EX') [this.include, this.sources] = [false, sources]
      else for (const name of sources) this.#want(name, type === 'ALLOW')
    }
  }

  #want(name: string, wanted: boolean): void {
    if (wanted === this.include) this.sources.add(name)
    else this.sources.delete(name)
  }
}

const filterArbitrary = fc.record({ include: fc.boolean(), sources: fc.subarray(SOURCES) })
const stepArbitrary = fc.record({ owner: fc.nat(4), filter: fc.option(filterArbitrary), wait: fc.nat(1500) })
const steps = fc.array(stepArbitrary, { maxLength: 30 })

function text(filter: { include: boolean; sources: readonly string[] } | null): string {
  if (filter === null || (filter.include && filter.sources.length === 0)) return 'none'
  return filter.include ? filter.sources.join(' ') : `all but ${filter.sources.join(' ')}`
}

describe.each(FAMILIES)('%s', (family: Family) => {
  test("the interface's state follows from all members' filters, whatever they do (RFC 3376 section 3.2)", () => {
    const owners = [{}, {}, {}, {}, {}]
    fc.assert(
      fc.property(steps, (script) => {
        const host = new GroupHost(family)
        const model = new Map<object, { include: boolean; sources: ReadonlySet<string> }>()
        const group = host.address('g')
        const { groups } = host
        for (const { owner, filter } of script) {
          const who = owners[owner] as object
          expect(host.set('g', text(filter), who)).toBe(0)
          if (text(filter) === 'none' || filter === null) model.delete(who)
          else model.set(who, { include: filter.include, sources: new Set(filter.sources) })
          const { include, sources } = merged([...model.values()])
          const expected =
            model.size === 0 ? null : { include, sources: [...sources].map((name) => host.address(name)) }
          expect(names(host, groups.stateOf(group))).toBe(names(host, expected))
          expect(groups.isMember(group)).toBe(model.size > 0)
          for (const source of SOURCES) {
            const address = host.address(source)
            expect(groups.accepts(group, address)).toBe(model.size > 0 && sources.has(source) === include)
            for (const other of owners) {
              const own = model.get(other)
              const wanted = own !== undefined && own.sources.has(source) === own.include
              expect(groups.hears(other, group, address)).toBe(wanted)
              expect(groups.hears(other, group, address, true)).toBe(own === undefined || wanted)
            }
          }
          // Somebody nobody has named.
          const { include: few } = merged([...model.values()])
          expect(groups.accepts(group, host.address('77'))).toBe(model.size > 0 && !few)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('a router that hears all reports, or all but one in two, knows what the interface wants (RFC 3376 section 5.1)', () => {
    const owners = [{}, {}, {}, {}, {}]
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.boolean()), (script, lost) => {
        const host = new GroupHost(family)
        const near = new Router()
        const far = new Router()
        let lostLast = true
        const hear = () => {
          for (const report of host.took()) {
            near.hear(report)
            // Never two in a row: that is what robustness 2 stands against.
            lostLast = !lostLast && (lost.next().value as boolean)
            if (!lostLast) far.hear(report)
          }
        }
        const know = (router: Router) => {
          const sources = [...router.sources].map((name) => host.address(name))
          return names(host, { include: router.include, sources })
        }
        for (const { owner, filter, wait } of script) {
          host.set('g', text(filter), owners[owner] as object)
          const state = host.groups.stateOf(host.address('g')) ?? { include: true, sources: [] }
          hear()
          expect(know(near)).toBe(names(host, state))
          host.run(wait)
          hear()
          expect(know(near)).toBe(names(host, state))
          if (wait > 1000 && host.stack.time.count === 0) expect(know(far)).toBe(names(host, state))
        }
        host.run(20_000)
        hear()
        const state = host.groups.stateOf(host.address('g')) ?? { include: true, sources: [] }
        expect(know(far)).toBe(names(host, state))
        expect(host.stack.time.count).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('of a repeated source one is kept; what was given is given back', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a b a')
    expect(names(host, host.groups.filterOf(host, host.address('g')))).toBe('all but a b')
    expect(host.groups.filterOf({}, host.address('g'))).toBe(null)
    expect(host.groups.filterOf(host, host.address('h'))).toBe(null)
  })

  test('who is gone leaves all groups, and others stay', () => {
    const host = new GroupHost(family)
    const other = {}
    host.set('g', 'all')
    host.set('h', 'a')
    host.set('h', 'b', other)
    host.timeline(5000)
    host.groups.leaveAll(host)
    expect(host.took().sort()).toEqual(['BLOCK h(a)', 'TO_IN g()'])
    expect(host.groups.isMember(host.address('g'))).toBe(false)
    expect(host.groups.isMember(host.address('h'))).toBe(true)
    host.groups.leaveAll({})
    const seen: [string, number][] = []
    host.groups.forEach((group, members) => {
      seen.push([host.name(group), members])
    })
    expect(seen).toEqual([['h', 1]])
  })

  test('leaving what one is no member of is nothing', () => {
    const host = new GroupHost(family)
    expect(host.set('g', 'none')).toBe(0)
    host.set('g', 'all')
    host.took()
    expect(host.set('g', 'none', {})).toBe(0)
    expect(host.took()).toEqual([])
    expect(host.groups.isMember(host.address('g'))).toBe(true)
  })

  test('what is no group, and a source of the other family: EINVAL', () => {
    const host = new GroupHost(family)
    const other = IpAddress.parse(family === 'IGMP' ? '2001:db8::1' : '192.0.2.1') as IpAddress
    expect(host.set('a', 'all')).toBe(-EINVAL)
    expect(host.groups.set(host, host.address('g'), { include: true, sources: [other] })).toBe(-EINVAL)
    expect(host.groups.isMember(host.address('g'))).toBe(false)
  })

  test('a packet to a group is taken where some member wants its source; group management always is (RFC 3376 section 3.2)', () => {
    const host = new GroupHost(family)
    const { counters } = host.stack
    host.set('g', 'a')
    host.set('h', 'all but a')
    host.timeline(5000)
    const inboxes = () => [counters.inDiscards, counters.inDelivers]
    host.datagram('g', 'b')
    host.datagram('h', 'a')
    expect(inboxes()).toEqual([2, 0])
    host.datagram('g', 'a')
    host.datagram('h', 'b')
    expect(inboxes()).toEqual([2, 2])
    host.query('g')
    expect(host.events(20_000)).toEqual(['IS_IN g(a)'])
  })

  // Limits

  test('a socket is in as many groups as Linux lets it, on all interfaces together: ENOBUFS', () => {
    const host = new GroupHost(family)
    const second = host.stack.attach(new ScriptDevice('ip'), { address: ['198.51.100.9/24', '2001:db8:9::1/64'] })
    const most = family === 'IGMP' ? 20 : 256
    const group = (i: number) => IpAddress.parse(family === 'IGMP' ? `239.2.${i >> 8}.${i & 255}` : `ff0e::2:${i}`)
    const join = (i: number, groups = host.link.groups) => groups.set(host, group(i) as IpAddress, ANY_SOURCE)
    for (let i = 1; i < most; i++) expect(join(i)).toBe(0)
    expect(join(1, second.groups)).toBe(0)
    expect(join(most)).toBe(-ENOBUFS)
    expect(join(2, second.groups)).toBe(-ENOBUFS)
    // Of one that it is in, it may change its mind; and another socket has a count of its own.
    expect(host.groups.set(host, group(1) as IpAddress, { include: false, sources: [host.address('a')] })).toBe(0)
    expect(host.groups.set({}, group(most) as IpAddress, ANY_SOURCE)).toBe(0)
    expect(second.groups.set(host, group(1) as IpAddress, null)).toBe(0)
    expect(join(most)).toBe(0)
  })

  test('a filter has as many sources as Linux lets it: ENOBUFS, and the one before stays', () => {
    const host = new GroupHost(family)
    const most = family === 'IGMP' ? 10 : 64
    const list = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1)).join(' ')
    expect(host.set('g', list(most + 1))).toBe(-ENOBUFS)
    expect(host.groups.isMember(host.address('g'))).toBe(false)
    expect(host.set('g', list(most))).toBe(0)
    expect(host.set('g', `all but ${list(most + 1)}`)).toBe(-ENOBUFS)
    expect(names(host, host.groups.filterOf(host, host.address('g')))).toBe(list(most).split(' ').sort().join(' '))
  })

  test('sources of a group are bounded for all members together: ENOBUFS, and all is as before (RFC 3376 section 3.2)', () => {
    const host = new GroupHost(family, { limits: { groupSources: 5 } })
    const other = {}
    host.set('g', 'a b c')
    host.timeline(5000)
    expect(host.set('g', 'c d e f', other)).toBe(-ENOBUFS)
    expect(host.events(5000)).toEqual([])
    expect(host.groups.hears(other, host.address('g'), host.address('d'))).toBe(false)
    expect(host.set('g', 'all but c d e', other)).toBe(0)
    expect(host.set('g', 'c d e f', other)).toBe(-ENOBUFS)
    expect(host.groups.hears(other, host.address('g'), host.address('f'))).toBe(true)
    expect(host.set('h', 'a b c d e f', other)).toBe(-ENOBUFS)
    expect(host.groups.isMember(host.address('h'))).toBe(false)
    expect(host.groups.size).toBe(1)
  })

  test('groups of an interface are bounded: ENOBUFS; one that was left gives its place before its last word', () => {
    const host = new GroupHost(family, { limits: { groups: 2 } })
    expect(host.set('g', 'all')).toBe(0)
    expect(host.set('h', 'all')).toBe(0)
    expect(host.set('i', 'all')).toBe(-ENOBUFS)
    host.set('g', 'none')
    host.took()
    expect(host.set('i', 'all')).toBe(0)
    expect(host.events(5000)).toEqual(['TO_EX i()', 'TO_EX h(), TO_EX i()'])
    expect(host.set('g', 'all')).toBe(-ENOBUFS)
  })

  test('the stack gives everything back when it closes, and an interface that is gone takes nobody: ENODEV', () => {
    const host = new GroupHost(family)
    const { groups } = host
    host.set('g', 'all')
    host.set('h', 'a b')
    host.query()
    host.stack.close()
    expect(host.stack.time.count).toBe(0)
    expect(groups.isMember(host.address('g'))).toBe(false)
    expect(host.set('g', 'all')).toBe(-ENODEV)
    expect(host.set('h', 'none')).toBe(0)
    groups.leaveAll(host)
    let count = 0
    groups.forEach(() => {
      count++
    })
    expect(count).toBe(0)
    expect(host.stack.time.count).toBe(0)
  })
})

test('an interface that does not speak IPv6 is in no IPv6 group: EINVAL', () => {
  const host = new GroupHost('IGMP')
  const group = IpAddress.parse('ff0e::1') as IpAddress
  expect(host.groups.set(host, group, ANY_SOURCE)).toBe(-EINVAL)
})

test('groups of the two families are counted apart', () => {
  const host = new GroupHost('MLD', { limits: { groups: 1, groupsPerSocket: 1, groupsPerSocketV6: 1 } })
  const group = IpAddress.parse('239.1.1.1') as IpAddress
  expect(host.set('g', 'all')).toBe(0)
  expect(host.groups.set(host, group, ANY_SOURCE)).toBe(0)
})
