import { expect, test } from 'vitest'
import { TroubleLog } from '../../src/cli/serve/trouble-log.ts'

test('of each kind of trouble one line, when it has come first, and what came last when it closes', () => {
  const said: string[] = []
  const log = new TroubleLog((line) => said.push(line))
  const dns = { queries: 0, failures: 0, dropped: 0 }
  const dhcp = { exhausted: 0 }
  log.watch('dns', () => dns)
  log.watch('dhcp', () => dhcp)
  dns.queries = 3
  log.look()
  expect(said).toEqual([])
  dns.failures = 2
  log.look()
  dns.failures = 1000
  log.look()
  expect(said).toEqual(['dns: a question had no answer, and was told so (SERVFAIL); this is told once'])
  dhcp.exhausted = 1
  log.close()
  expect(said.slice(1)).toEqual(['dhcp: there was no address left for a client; this is told once'])
})
