// Every script below scripts/ is a test, named by its first line. They run strictly: a packet that the script does not
// expect fails it. Each is run over IPv4, over IPv4 by sockets of IPv6, and over IPv6, or those of them that its name says; and
// with both profiles, but for those below only-linux/ and only-default/.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { formatResult, type IpVersion, ipVersionsOf, parseScript, runScript } from '../../src/drill/index.ts'
import { TCP_PROFILES, type TcpProfile } from '../../src/tcp/profile.ts'

const root = fileURLToPath(new URL('scripts', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.pkt'))
  .sort()

const areas = [...new Set(files.map((name) => name.split('/')[0] as string))]

/** What Linux makes of the keys that the scripts of Fast Open set, and of the addresses that they have: bytes that were seen there. */
function cookiesOf(ipVersion: IpVersion): Readonly<Record<string, string>> {
  return ipVersion === 'ipv6'
    ? { TFO_COOKIE: 'c1d1e9742a47a9bc', NEW_COOKIE: 'e52440bb7d94c3f4' }
    : { TFO_COOKIE: '3021b9d889017eeb', NEW_COOKIE: '42551d92e01d1e25' }
}

/** Whose choices a script is about, by the folder that it lies in. */
function profilesOf(area: string): readonly TcpProfile[] {
  if (area === 'only-linux') return ['linux']
  return area === 'only-default' ? ['default'] : TCP_PROFILES
}

describe.each(areas)('%s', (area) => {
  for (const name of files.filter((file) => file.startsWith(`${area}/`))) {
    const text = readFileSync(join(root, name), 'utf8')
    const title = /^\/\/ (.+)/.exec(text)?.[1] ?? `${relative(root, name)} lacks its first line`
    it.each(ipVersionsOf(name))(`${title.replaceAll('%', '%%')} [%s]`, (ipVersion) => {
      expect(title).toMatch(/: .*\(.*\)$/)
      const script = parseScript(text, name, { ipVersion, defines: cookiesOf(ipVersion) })
      for (const profile of profilesOf(area)) {
        const result = runScript(script, { strict: true, profile })
        expect(formatResult(result), profile).toBe('')
      }
    })
  }
})
