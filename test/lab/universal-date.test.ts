import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { universalDate } from '../../lab/engine/universal-date.ts'
import { twoHosts } from './two-hosts.ts'

const Universal = universalDate(Date)

/** What `read` gives where clocks show other hours, and another day, than in UTC. */
describe.each(['America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu'])('in %s', (zone) => {
  beforeEach(() => {
    vi.stubEnv('TZ', zone)
    expect(new Date(0).getTimezoneOffset()).not.toBe(0)
  })
  afterEach(() => vi.unstubAllEnvs())

  test.each<readonly [string, () => unknown, unknown]>([
    ['fields', () => new Universal(2025, 0, 31, 23, 59, 58, 7).getTime(), Date.UTC(2025, 0, 31, 23, 59, 58, 7)],
    ['a year of two digits', () => new Universal(99, 1).getTime(), Date.UTC(99, 1)],
    ['hours without a zone', () => new Universal('2025-03-09T02:30').toISOString(), '2025-03-09T02:30:00.000Z'],
    ['hours with a zone', () => new Universal('2025-03-09T02:30+05:45').toISOString(), '2025-03-08T20:45:00.000Z'],
    ['a day', () => new Universal('2025-03-09').toISOString(), '2025-03-09T00:00:00.000Z'],
    ['other texts', () => Universal.parse('Mar 9, 2025 02:30'), Date.UTC(2025, 2, 9, 2, 30)],
    ['other texts with a zone', () => Universal.parse('Sun, 09 Mar 2025 02:30:00 GMT'), Date.UTC(2025, 2, 9, 2, 30)],
    ['another date', () => new Universal(new Universal(5)).getTime(), 5],
    ['no time', () => [new Universal('x').getTime(), String(new Universal(Number.NaN))], [Number.NaN, 'Invalid Date']],
    ['its hours', () => new Universal(0).getHours(), 0],
    ['its day', () => [new Universal(0).getDate(), new Universal(0).getDay()], [1, 4]],
    ['its offset', () => new Universal(0).getTimezoneOffset(), 0],
    ['its text', () => String(new Universal(0)), 'Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)'],
    ['the text of a year before Christ', () => new Universal(-62_198_755_200_000).toDateString(), 'Fri Jan 01 -0001'],
    ['its text for people', () => new Universal(0).toLocaleString(), '1/1/1970, 12:00:00 AM'],
    ['the same in German', () => new Universal(0).toLocaleTimeString('de'), '00:00:00'],
    [
      'a zone that is asked for',
      () => new Universal(0).toLocaleDateString('en', { timeZone: 'Asia/Tokyo' }),
      '1/1/1970',
    ],
    [
      'hours that are set',
      () => new Universal(new Universal(0).setHours(5, 30)).toISOString(),
      '1970-01-01T05:30:00.000Z',
    ],
  ])('%s is UTC', (_, read, is) => {
    expect(read()).toEqual(is)
  })

  test('a program has it, in time of its host', async () => {
    const source = `
      setTimeout(() => console.log(String(new Date()), new Date().getHours()), 3_600_000)
      console.log(Date() === String(new Date()), new Date() instanceof Date, new Date().constructor === Date, Date.name)
      console.log(globalThis.Date === Date, Object.prototype.toString.call(new Date()))`
    const run = new LabRun(twoHosts([['alice', 'program', source]]))
    await run.advance(4_000_000)
    expect(run.take().output.map(({ text }) => text)).toEqual([
      '',
      'true true true Date',
      'true [object Date]',
      'Wed Jan 01 2025 01:00:00 GMT+0000 (Coordinated Universal Time) 1',
      '',
    ])
    run.close()
  })
})
