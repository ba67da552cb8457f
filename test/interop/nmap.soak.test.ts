// What nmap makes of a stack with an open and a closed port.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeNetwork } from './requirements.ts'
import { FAMILIES, Served, STACK } from './served.ts'

const OPEN = 7
const CLOSED = 4444

describeNetwork('nmap', ['nmap', 'sysctl'], () => {
  let served: Served

  beforeAll(async () => {
    served = await Served.start({ services: ['echo'] })
  })

  afterAll(() => served?.close())

  /** The ports in nmap's report: "7/tcp" and its state. */
  async function nmap(...args: string[]): Promise<{ stdout: string; ports: Record<string, string> }> {
    // Who answers late on a busy machine has answered: nmap would take a tenth of a second for silence.
    const speed = ['-n', '-Pn', '-T4', '--max-retries', '1', '--min-rtt-timeout', '2s', '--max-rtt-timeout', '4s']
    const all = [...speed, '-p', `${OPEN},${CLOSED}`, ...args]
    const { status, stdout, stderr } = await served.run('nmap', all)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = Array.from(stdout.matchAll(/^(\d+\/\w+)\s+(\S+)/gm))
    return { stdout, ports: Object.fromEntries(lines.map(([, port, state]) => [port, state])) }
  }

  describe.each(FAMILIES)('over $family', ({ family, stack }) => {
    const six = family === 'IPv6' ? ['-6'] : []

    test.each([
      ['connections', '-sT', 'tcp'],
      ['SYNs', '-sS', 'tcp'],
      ['datagrams', '-sU', 'udp'],
    ])('%s: a port is open, another closed', async (_what, scan, protocol) => {
      const { ports } = await nmap(...six, scan, stack)
      expect(ports).toEqual({ [`${OPEN}/${protocol}`]: 'open', [`${CLOSED}/${protocol}`]: 'closed' })
    })

    test.each([
      ['FIN', '-sF'],
      ['no flag at all', '-sN'],
      ['FIN, PSH and URG', '-sX'],
    ])('%s: a listener is silent, a closed port resets (RFC 9293 3.10.7.1, 3.10.7.2)', async (_what, scan) => {
      const { ports } = await nmap(...six, scan, stack)
      expect(ports).toEqual({ [`${OPEN}/tcp`]: 'open|filtered', [`${CLOSED}/tcp`]: 'closed' })
    })
  })

  test('-O: nobody guesses the next sequence number (RFC 6528), and identifications do not count up', async () => {
    const { stdout } = await nmap('-sS', '-O', '-v', '--max-os-tries', '1', STACK)
    expect(stdout).toMatch(/^TCP Sequence Prediction: Difficulty=2\d\d \(Good luck!\)$/m)
    expect(stdout).toMatch(/^IP ID Sequence Generation: (All zeros|Random\w*|Randomized)$/m)
  })
})
