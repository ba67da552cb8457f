import { describe, expect, test } from 'vitest'
import { FAMILIES, GroupHost } from './multicast-host.ts'
import { ScriptDevice } from './script-device.ts'

const OTHER = {}

describe.each(FAMILIES)('%s', (family) => {
  // Changes

  test('joining is told at once and once more within a second (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    expect(host.set('g', 'all')).toBe(0)
    expect(host.took()).toEqual(['TO_EX g()'])
    const [repeated, ...more] = host.timeline(60_000)
    expect(repeated?.[1]).toBe('TO_EX g()')
    expect(repeated?.[0]).toBeGreaterThan(0)
    expect(repeated?.[0]).toBeLessThanOrEqual(1000)
    expect(more).toEqual([])
    expect(host.stack.time.count).toBe(0)
  })

  test('the wait before a repetition is drawn from all of the second (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    const waits: number[] = []
    for (let i = 0; i < 200; i++) {
      host.set('g', i % 2 === 0 ? 'all' : 'none')
      host.took()
      for (const [at] of host.timeline(1000)) waits.push(at)
    }
    expect(waits.length).toBe(200)
    expect(Math.min(...waits)).toBeLessThan(50)
    expect(Math.max(...waits)).toBeGreaterThan(950)
  })

  test('leaving is told as long after the group is gone as it was for joining (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(2000)
    host.set('g', 'none')
    expect(host.groups.isMember(host.address('g'))).toBe(false)
    expect(host.groups.size).toBe(1)
    expect(host.events(5000)).toEqual(['TO_IN g()', 'TO_IN g()'])
    expect(host.stack.time.count).toBe(0)
    expect(host.groups.size).toBe(0)
  })

  // The table of RFC 3376 section 5.1, and what becomes of it where it says nothing or two things.
  test.each([
    ['none', 'all', ['TO_EX g()']],
    ['none', 'all but a b', ['TO_EX g(a b)']],
    ['none', 'a b', ['ALLOW g(a b)']],
    ['a b', 'none', ['BLOCK g(a b)']],
    ['all but a', 'none', ['TO_IN g()']],
    ['a b', 'b c', ['ALLOW g(c), BLOCK g(a)']],
    ['a', 'a b', ['ALLOW g(b)']],
    ['a b', 'a', ['BLOCK g(b)']],
    ['all but a b', 'all but b c', ['ALLOW g(a), BLOCK g(c)']],
    ['all', 'all but a', ['BLOCK g(a)']],
    ['all but a', 'all', ['ALLOW g(a)']],
    ['a b', 'all but b c', ['TO_EX g(b c)']],
    ['all but b c', 'a b', ['TO_IN g(a b)']],
    ['all but a', 'all but a', []],
    ['a b', 'b a', []],
  ])('from "%s" to "%s": %j (RFC 3376 section 5.1)', (before, after, told) => {
    const host = new GroupHost(family)
    host.set('g', before)
    host.timeline(5000)
    host.set('g', after)
    expect(host.took().map(sorted)).toEqual(told)
    expect(host.events(5000).map(sorted)).toEqual(told)
  })

  test('a change that the interface does not notice is not told (RFC 3376 section 3.2)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.set('g', 'a b', OTHER)
    host.set('g', 'all but c', OTHER)
    host.set('g', 'none', OTHER)
    expect(host.events(5000)).toEqual([])
  })

  test('changes of the list that follow each other are told together, each as often as robustness asks (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'a')
    host.set('g', 'a b')
    host.set('g', 'b c')
    expect(host.took()).toEqual(['ALLOW g(a)', 'ALLOW g(a b)', 'ALLOW g(b c), BLOCK g(a)'])
    expect(host.events(5000)).toEqual(['ALLOW g(c), BLOCK g(a)'])
  })

  test('a change of mode is what is told, however the list changes meanwhile; then the list is (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.set('g', 'all but a')
    expect(host.took()).toEqual(['TO_EX g()', 'TO_EX g(a)'])
    expect(host.events(5000)).toEqual(['BLOCK g(a)', 'BLOCK g(a)'])
  })

  test('a mode that changes back is told as changed again (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'a')
    host.set('g', 'all but b')
    host.set('g', 'c')
    expect(host.took()).toEqual(['ALLOW g(a)', 'TO_EX g(b)', 'TO_IN g(c)'])
    expect(host.events(5000)).toEqual(['TO_IN g(c)'])
  })

  test('joined, left and joined again within a second: the last word is the one that is repeated', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.set('g', 'none')
    host.set('g', 'all')
    expect(host.took()).toEqual(['TO_EX g()', 'TO_IN g()', 'TO_EX g()'])
    expect(host.events(5000)).toEqual(['TO_EX g()'])
  })

  test('groups that change within a second are repeated in one report', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.set('h', 'a')
    host.set('i', 'all')
    expect(host.took()).toEqual(['TO_EX g()', 'ALLOW h(a)', 'TO_EX i()'])
    expect(host.events(5000)).toEqual(['TO_EX g(), ALLOW h(a), TO_EX i()'])
  })

  test('a repetition is not put off by what else changes (RFC 3376 section 5.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.took()
    const repeated: number[] = []
    for (let at = 0; at < 3000; at += 50) {
      host.set('h', at % 100 === 0 ? 'all' : 'none')
      host.took()
      for (const [after, text] of host.timeline(50)) if (text.includes('TO_EX g()')) repeated.push(at + after)
    }
    expect(repeated.length).toBe(1)
    expect(repeated[0]).toBeLessThanOrEqual(1000)
  })

  test('robustness is what the last query says, or two (RFC 3376 section 4.1.6)', () => {
    const host = new GroupHost(family)
    host.query(null, { robustness: 4 })
    host.set('g', 'all')
    expect(host.events(20_000)).toEqual(new Array(4).fill('TO_EX g()'))
    host.query(null, { robustness: 0 })
    host.timeline(20_000)
    host.set('h', 'a')
    expect(host.events(20_000)).toEqual(new Array(2).fill('ALLOW h(a)'))
  })

  test('nothing is said of the group of all, and nothing to ourselves', () => {
    const host = new GroupHost(family)
    const all = family === 'IGMP' ? '224.0.0.1' : 'ff02::1'
    expect(host.set(all, 'all')).toBe(0)
    expect(host.stack.loopback.groups.set(host, host.address('g'), { include: false, sources: [] })).toBe(0)
    host.query()
    expect(host.events(20_000)).toEqual([])
    expect(host.set(all, 'none')).toBe(0)
    expect(host.groups.isMember(host.address(all))).toBe(true)
    expect(host.stack.time.count).toBe(0)
  })

  // Answers

  test('a query about all groups is answered once, within its time, with all that is wanted (RFC 3376 section 5.2)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a b')
    host.set('h', 'c')
    host.timeline(5000)
    host.query(null, { maxResponseTime: 3000 })
    expect(host.took()).toEqual([])
    const [answer, ...more] = host.timeline(20_000)
    expect(answer?.[1]).toBe('IS_EX g(a b), IS_IN h(c)')
    expect(answer?.[0]).toBeGreaterThan(0)
    expect(answer?.[0]).toBeLessThanOrEqual(3000)
    expect(more).toEqual([])
  })

  test('the wait before an answer is drawn from all of its time (RFC 3376 section 5.2)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    const waits: number[] = []
    for (let i = 0; i < 200; i++) {
      host.query(null, { maxResponseTime: 10_000 })
      for (const [at] of host.timeline(10_000)) waits.push(at)
    }
    expect(waits.length).toBe(200)
    expect(Math.min(...waits)).toBeLessThan(500)
    expect(Math.max(...waits)).toBeGreaterThan(9500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000)
  })

  test('who has no groups answers nothing', () => {
    const host = new GroupHost(family)
    host.query()
    host.query('g')
    expect(host.events(20_000)).toEqual([])
    expect(host.stack.time.count).toBe(0)
  })

  test('who has just left a group does not answer for it', () => {
    const host = new GroupHost(family)
    host.set('h', 'all')
    host.timeline(5000)
    host.query(null, { robustness: 7, maxResponseTime: 100 })
    host.set('g', 'all')
    host.set('g', 'none')
    host.query('g', { robustness: 7 })
    const told = host.events(60_000).filter((text) => text.startsWith('IS_'))
    expect(told).toEqual(['IS_EX h()'])
  })

  test('each query about sources is answered for its own (RFC 3376 section 5.2)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { sources: 'b' })
    expect(host.events(20_000)).toEqual(['IS_IN g(b)'])
    host.query('g', { sources: 'c' })
    expect(host.events(20_000)).toEqual(['IS_IN g(c)'])
    host.query('g', { sources: 'd' })
    host.set('g', 'none')
    host.set('g', 'all but a')
    host.query('g', { sources: 'e' })
    expect(host.events(20_000).filter((text) => text.startsWith('IS_'))).toEqual(['IS_IN g(e)'])
  })

  test('what was asked for is not forgotten when the list changes', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { sources: 'b c', maxResponseTime: 1_000_000 })
    host.set('g', 'all but a c')
    host.timeline(5000)
    expect(host.events(2_000_000)).toEqual(['IS_IN g(b)'])
  })

  test('of a group that is heard from few, sources beyond those are not even remembered', () => {
    const host = new GroupHost(family, { limits: { groupSources: 4 } })
    host.set('g', 'a')
    host.timeline(5000)
    host.query('g', { sources: 'b c d e f', maxResponseTime: 1000 })
    expect(host.events(2000)).toEqual([])
  })

  test('a query about a group is answered with that group (RFC 3376 section 5.2 rule 3)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.set('h', 'b')
    host.timeline(5000)
    host.query('h', { maxResponseTime: 1000 })
    host.query('i', { maxResponseTime: 1000 })
    const answers = host.timeline(20_000)
    expect(answers.map(([, text]) => text)).toEqual(['IS_IN h(b)'])
    expect(answers[0]?.[0]).toBeLessThanOrEqual(1000)
  })

  // The table of RFC 3376 section 5.2.
  test.each([
    ['a b', 'b c', ['IS_IN g(b)']],
    ['a b', 'c', []],
    ['all but a b', 'b c', ['IS_IN g(c)']],
    ['all but a b', 'a', []],
    ['all', 'a', ['IS_IN g(a)']],
  ])('who wants "%s" and is asked for "%s" answers %j (RFC 3376 section 5.2)', (wanted, sources, told) => {
    const host = new GroupHost(family)
    host.set('g', wanted)
    host.timeline(5000)
    host.query('g', { sources, maxResponseTime: 1000 })
    expect(host.events(5000)).toEqual(told)
    expect(host.stack.time.count).toBe(0)
    // What was asked for is forgotten: the next query about the group is answered with all of it.
    host.query('g', { maxResponseTime: 1000 })
    expect(host.events(5000)[0]).toMatch(wanted.startsWith('all') ? /^IS_EX g/ : /^IS_IN g\(a b\)/)
  })

  test('a sooner answer about all groups is enough (RFC 3376 section 5.2 rule 1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query(null, { maxResponseTime: 100 })
    host.query('g', { maxResponseTime: 1_000_000 })
    host.query(null, { maxResponseTime: 1_000_000 })
    host.query('g', { sources: 'a b', maxResponseTime: 1_000_000 })
    expect(host.events(2_000_000)).toEqual(['IS_EX g()'])
  })

  test('a later query about all groups that is to be answered sooner replaces the answer (RFC 3376 section 5.2 rule 2)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query(null, { maxResponseTime: 1_000_000 })
    host.query(null, { maxResponseTime: 100 })
    const answers = host.timeline(2_000_000)
    expect(answers.length).toBe(1)
    expect(answers[0]?.[0]).toBeLessThanOrEqual(100)
  })

  test('what is asked of all groups answers what was asked of one', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query('g', { maxResponseTime: 1_000_000 })
    host.query(null, { maxResponseTime: 100 })
    expect(host.events(2_000_000)).toEqual(['IS_EX g()'])
    expect(host.stack.time.count).toBe(0)
  })

  test('asked for sources and then for the group: one answer about the group (RFC 3376 section 5.2 rule 4)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { sources: 'b', maxResponseTime: 1_000_000 })
    host.query('g', { maxResponseTime: 100 })
    const answers = host.timeline(2_000_000)
    expect(answers.map(([, text]) => text)).toEqual(['IS_EX g(a)'])
    expect(answers[0]?.[0]).toBeLessThanOrEqual(100)
  })

  test('asked for the group and then for sources: one answer about the group, no later (RFC 3376 section 5.2 rule 4)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { maxResponseTime: 100 })
    host.query('g', { sources: 'b', maxResponseTime: 1_000_000 })
    const answers = host.timeline(2_000_000)
    expect(answers.map(([, text]) => text)).toEqual(['IS_EX g(a)'])
    expect(answers[0]?.[0]).toBeLessThanOrEqual(100)
  })

  test('asked for sources twice: one answer about all of them, at the sooner time (RFC 3376 section 5.2 rule 5)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { sources: 'b c', maxResponseTime: 1_000_000 })
    host.query('g', { sources: 'a c d', maxResponseTime: 100 })
    const answers = host.timeline(2_000_000)
    expect(answers.map(([, text]) => text)).toEqual(['IS_IN g(b c d)'])
    expect(answers[0]?.[0]).toBeLessThanOrEqual(100)
  })

  test('asked for more sources than are remembered: all of the group is told (RFC 3376 section 9.1)', () => {
    const host = new GroupHost(family, { limits: { groupSources: 4 } })
    host.set('g', 'all but a')
    host.timeline(5000)
    host.query('g', { sources: 'b c d', maxResponseTime: 1000 })
    expect(host.events(2000)).toEqual(['IS_IN g(b c d)'])
    host.query('g', { sources: 'b c d e', maxResponseTime: 1000 })
    expect(host.events(2000)).toEqual(['IS_EX g(a)'])
    expect(host.set('g', 'all but a b c d')).toBe(0)
  })

  test('an answer tells what is wanted when it is given', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query('g', { maxResponseTime: 1_000_000 })
    host.set('g', 'all but a')
    host.timeline(5000)
    expect(host.events(2_000_000)).toEqual(['IS_EX g(a)'])
  })

  test('no answer after the group was left', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query('g')
    host.set('g', 'none')
    expect(host.events(20_000)).toEqual(['TO_IN g()', 'TO_IN g()'])
  })

  // Long reports

  test('groups that one report cannot carry are told in several, each as long as the link takes (RFC 3376 section 4.2.16)', () => {
    const device = new ScriptDevice('ip', 1280)
    const host = new GroupHost(family, { limits: { groupsPerSocket: 1000, groupsPerSocketV6: 1000 } }, device)
    const base = family === 'IGMP' ? '239.9' : 'ff0e:0:0:9:0:0'
    for (let i = 0; i < 300; i++) {
      host.set(family === 'IGMP' ? `${base}.${i >> 8}.${i & 255}` : `${base}:1:${i.toString(16)}`, 'all')
    }
    host.timeline(5000)
    host.query(null, { maxResponseTime: 100 })
    host.run(100)
    const packets = device.take()
    const told = packets.flatMap((packet) => host.read(packet).split(', '))
    expect(new Set(told).size).toBe(300)
    expect(told.length).toBe(300)
    const record = family === 'IGMP' ? 8 : 20
    for (const packet of packets.slice(0, -1)) {
      expect(packet.length).toBeLessThanOrEqual(1280)
      expect(packet.length).toBeGreaterThan(1280 - record)
    }
  })

  test('sources that one report cannot carry: IS_IN is told in several, of IS_EX as many as fit (RFC 3376 section 4.2.16)', () => {
    const device = new ScriptDevice('ip', 1280)
    const host = new GroupHost(family, { limits: { filterSources: 1000, filterSourcesV6: 1000 } }, device)
    const sources = Array.from({ length: 700 }, (_, i) => String(i + 1))
    const answers = () => {
      host.timeline(5000)
      host.query(null, { maxResponseTime: 100 })
      host.run(100)
      return device.take()
    }
    host.set('g', sources.join(' '))
    const parts = answers()
    expect(parts.length).toBe(Math.ceil((700 * (family === 'IGMP' ? 4 : 16)) / (1280 - (family === 'IGMP' ? 40 : 76))))
    const listed = parts.flatMap((packet) => (/^IS_IN g\((.*)\)$/.exec(host.read(packet))?.[1] ?? '').split(' '))
    expect(listed).toEqual(sources)
    host.set('g', `all but ${sources.join(' ')}`)
    const [whole, ...more] = answers()
    expect(more).toEqual([])
    const blocked = (/^IS_EX g\((.*)\)$/.exec(host.read(whole as Uint8Array))?.[1] ?? '').split(' ')
    expect(blocked).toEqual(sources.slice(0, family === 'IGMP' ? 310 : 75))
  })

  // Older queriers

  test('an older querier is answered in its version, each group for itself (RFC 3376 section 7.2.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.set('h', 'a b')
    host.timeline(5000)
    host.oldQuery(null, { maxResponseTime: 3000 })
    const answers = host.timeline(20_000)
    expect(answers.map(([, text]) => text).sort()).toEqual(['report g', 'report h'])
    for (const [at] of answers) expect(at).toBeLessThanOrEqual(3000)
    expect(answers[0]?.[0]).not.toBe(answers[1]?.[0])
    expect(host.groups.version(family === 'IGMP' ? 4 : 6)).toBe(family === 'IGMP' ? 2 : 1)
  })

  test('while an older querier is there, joining is reported twice and leaving once (RFC 2236 section 3, RFC 2710 section 4)', () => {
    const host = new GroupHost(family)
    host.oldQuery()
    host.set('g', 'all')
    expect(host.took()).toEqual(['report g'])
    const [repeated, ...more] = host.timeline(30_000)
    expect(repeated?.[1]).toBe('report g')
    expect(repeated?.[0]).toBeLessThanOrEqual(10_000)
    expect(more).toEqual([])
    host.set('g', 'all but a')
    host.set('g', 'b', OTHER)
    expect(host.events(30_000)).toEqual([])
    host.set('g', 'none')
    host.set('g', 'none', OTHER)
    expect(host.events(30_000)).toEqual(['leave g'])
  })

  test('left before it was reported again: only the leave (RFC 2236 section 6, RFC 2710 section 5)', () => {
    const host = new GroupHost(family)
    host.oldQuery()
    host.set('g', 'all')
    host.set('g', 'none')
    expect(host.events(30_000)).toEqual(['report g', 'leave g'])
    expect(host.groups.size).toBe(0)
  })

  test('joining is reported as often as robustness asks, whatever the filter becomes; an answer ends it', () => {
    const host = new GroupHost(family)
    host.query(null, { robustness: 4 })
    host.oldQuery()
    host.set('g', 'all')
    host.set('g', 'all but a')
    expect(host.events(60_000)).toEqual(new Array(4).fill('report g'))
    host.set('h', 'all')
    host.oldQuery('h', { maxResponseTime: 100 })
    expect(host.events(60_000)).toEqual(['report h', 'report h'])
  })

  test("another host's report is as good as ours: none then, and no leave (RFC 2236 section 3, RFC 2710 section 4)", () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.oldQuery()
    host.oldReport('g')
    expect(host.events(20_000)).toEqual([])
    host.set('g', 'none')
    expect(host.events(20_000)).toEqual([])
    expect(host.stack.time.count).toBe(1) // the older querier's presence
  })

  test("another host's report when we do not wait to report changes nothing (RFC 2236 section 6, RFC 2710 section 5)", () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.oldQuery()
    host.timeline(20_000)
    host.oldReport('g')
    host.set('g', 'none')
    expect(host.events(20_000)).toEqual(['leave g'])
  })

  test('while no older querier is there, reports of other hosts suppress nothing', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query()
    host.oldReport('g')
    expect(host.events(20_000)).toEqual(['IS_EX g()'])
    host.query('g')
    host.oldReport('g')
    expect(host.events(20_000)).toEqual(['IS_EX g()'])
  })

  test('a pending report is put forward by a query that wants it sooner, not put off (RFC 2236 section 3)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.oldQuery(null, { maxResponseTime: 20_000 })
    host.oldQuery('g', { maxResponseTime: 100 })
    host.oldQuery('g', { maxResponseTime: 20_000 })
    const answers = host.timeline(30_000)
    expect(answers.length).toBe(1)
    expect(answers[0]?.[0]).toBeLessThanOrEqual(100)
  })

  test('the older version is spoken for robustness x query interval + response time (RFC 3376 section 8.12)', () => {
    const host = new GroupHost(family)
    const version = () => host.groups.version(family === 'IGMP' ? 4 : 6)
    const old = family === 'IGMP' ? 2 : 1
    host.query(null, { robustness: 3, queryInterval: 20 })
    host.oldQuery(null, { maxResponseTime: 4000 })
    host.run(63_999)
    expect(version()).toBe(old)
    host.run(1)
    expect(version()).toBe(old + 1)
    host.set('g', 'all')
    expect(host.took()).toEqual(['TO_EX g()'])
  })

  test('a query of the newest version does not end it (RFC 3376 section 7.2.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.oldQuery(null, { maxResponseTime: 1000 })
    host.timeline(5000)
    host.query(null, { maxResponseTime: 1000 })
    expect(host.events(5000)).toEqual(['report g'])
  })

  test('when the version changes, all that was pending is given up (RFC 3376 section 7.2.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.set('h', 'a')
    host.set('i', 'all')
    host.set('i', 'none')
    host.query('g', { maxResponseTime: 1_000_000 })
    host.query(null, { maxResponseTime: 1_000_000 })
    host.took()
    expect(host.groups.size).toBe(3)
    host.oldQuery()
    expect(host.groups.size).toBe(2)
    host.oldReport('g')
    expect(host.events(20_000)).toEqual(['report h'])
    host.run(300_000)
    expect(host.groups.version(family === 'IGMP' ? 4 : 6)).toBe(family === 'IGMP' ? 3 : 2)
    expect(host.events(1_000_000)).toEqual([])
    host.set('h', 'a b')
    expect(host.took()).toEqual(['ALLOW h(b)'])
  })

  // Who is believed

  test.each([
    ['more hops than one', { hopLimit: 2 }],
    ['no router alert', { routerAlert: false }],
    ['a wrong checksum', { wrongChecksum: true }],
  ])('a query with %s is counted and dropped', (_title, fields) => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query(null, fields)
    host.query('g', fields)
    host.oldQuery(null, fields)
    expect(host.events(20_000)).toEqual([])
    expect(host.groups.version(family === 'IGMP' ? 4 : 6)).toBe(family === 'IGMP' ? 3 : 2)
    const { igmpInErrors, mldInErrors, icmpInErrors } = host.stack.counters
    expect(igmpInErrors + mldInErrors + icmpInErrors).toBe(3)
  })

  test('a query about all groups that was sent to one of them is dropped (RFC 3376 section 9.1)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query(null, { destination: 'g' })
    expect(host.events(20_000)).toEqual([])
  })

  test('a query sent to us alone is answered (RFC 3376 section 4.1.12)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query(null, { destination: family === 'IGMP' ? '192.0.2.1' : 'fe80::1' })
    expect(host.events(20_000)).toEqual(['IS_EX g()'])
  })

  test('octets behind a query are in its checksum and otherwise ignored (RFC 3376 section 4.1.10)', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query('g', { more: 20, sources: 'a' })
    expect(host.events(20_000)).toEqual(['IS_IN g(a)'])
  })

  test('a query about what is no group is dropped', () => {
    const host = new GroupHost(family)
    host.set('g', 'all')
    host.timeline(5000)
    host.query('a', { destination: family === 'IGMP' ? '224.0.0.1' : 'ff02::1' })
    expect(host.events(20_000)).toEqual([])
    expect(host.stack.counters.igmpInErrors + host.stack.counters.mldInErrors).toBe(1)
  })

  // The end

  test('a device that refuses loses a report, and the repetition is there for that', () => {
    const host = new GroupHost(family)
    host.device.full = true
    expect(host.set('g', 'all')).toBe(0)
    host.device.hasRoom()
    expect(host.events(5000)).toEqual(['TO_EX g()'])
  })

  test('an interface that is removed says nothing more and leaves no timer', () => {
    const host = new GroupHost(family)
    const timers = host.stack.time.count
    host.set('g', 'all')
    host.set('h', 'a')
    host.query(null)
    host.query('g')
    host.oldQuery('h')
    host.oldQuery()
    expect(host.stack.time.count).toBeGreaterThan(timers)
    host.took()
    host.stack.removeInterface(host.link)
    expect(host.stack.time.count).toBe(timers)
    expect(host.events(300_000)).toEqual([])
  })
})

// The sources of each record in order: which of them is named first is nobody's business.
function sorted(text: string): string {
  return text.replace(/\(([^)]*)\)/g, (_all, sources: string) => `(${sources.split(' ').sort().join(' ')})`)
}
