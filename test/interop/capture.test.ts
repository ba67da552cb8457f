import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DIRECTION_INBOUND, DIRECTION_OUTBOUND } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { describeNetwork } from './requirements.ts'
import { writeSeededFile } from './seeded-file.ts'
import { FAMILIES, Served, STACK } from './served.ts'

// Streams are not put together: of octets that were sent again, as they must be here, that says that they overlap. What a file of
// random octets holds is not read as HTTP: of 180,000 such packets one looks like a header that is malformed.
const FORM = ['-d', 'tcp.port==80,data']
const CHECKED = [
  ...FORM,
  ...['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]),
  '-o',
  'tcp.desegment_tcp_streams:FALSE',
]
// What an ICMP error quotes is as the packet came: over TAP, its checksum may have been left to be done.
const WRONG = [
  '_ws.malformed',
  'ip.checksum.status == "Bad"',
  'icmp.checksum.status == "Bad"',
  'icmpv6.checksum.status == "Bad"',
  '(!icmp && !icmpv6 && (tcp.checksum.status == "Bad" || udp.checksum.status == "Bad"))',
].join(' || ')

/** What Wireshark finds wrong in a capture. */
async function wrongIn(
  served: Served,
  path: string,
  checks: readonly string[] = CHECKED,
  filter = WRONG,
): Promise<string> {
  const args = ['-n', '-r', path, ...checks, '-Y', filter]
  const { status, stdout, stderr } = await served.run('tshark', args, { within: 60_000 })
  if (status !== 0) throw new Error(`tshark: ${stderr}`)
  return stdout
}

/** Some of everything: echoes and fragments, datagrams, connections up and down, refused and reset. */
async function traffic(served: Served): Promise<void> {
  writeSeededFile(join(served.folder, 'file'), 5_000_000)
  for (const { stack, url } of FAMILIES) {
    const { status, stderr } = await served.shell(
      [
        'set -e',
        `ping -q -c 3 -i 0.01 -W 20 ${stack} > /dev/null`,
        `ping -q -c 2 -i 0.01 -W 20 -s 20000 ${stack} > /dev/null`,
        `test "$(echo hello | nc -N ${stack} 12000)" = HELLO`,
        `test "$(echo hello | nc -u -W 1 ${stack} 12000)" = HELLO`,
        `curl -sS -f -o /dev/null http://${url}/file`,
        `curl -sS -f -T ${served.folder}/file http://${url}/up`,
        `! nc ${stack} 4444`,
        `echo x | nc -u -w 1 ${stack} 4444 || true`,
        `head -c 100000 < /dev/tcp/${stack}/19 > /dev/null`,
      ].join('\n'),
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }
}

describeNetwork('what Wireshark says', ['tshark', 'tcpdump', 'curl', 'nc', 'ping', 'sysctl'], () => {
  test.each(['tap', 'tun'] as const)(
    '%s: no packet of either family is malformed, no checksum is bad',
    async (kind) => {
      const served = await Served.start({
        kind,
        services: ['upper', 'chargen', 'http=FOLDER'],
        options: ['--capture', 'FOLDER/ours.pcapng'],
      })
      try {
        const kernels = join(served.folder, 'kernel.pcap')
        const tcpdump = served.namespace.start('tcpdump', ['-i', 'jf0', '-U', '-s', '0', '-Z', 'root', '-w', kernels])
        await tcpdump.saying('listening on')
        await traffic(served)
        await tcpdump.stop('SIGINT')
        await served.stop()

        const ours = join(served.folder, 'ours.pcapng')
        const { packets, truncated } = readPcapng(readFileSync(ours))
        expect(truncated).toBe(false)
        for (const direction of [DIRECTION_INBOUND, DIRECTION_OUTBOUND]) {
          expect(packets.filter((packet) => packet.direction === direction).length).toBeGreaterThan(1000)
        }
        expect(await wrongIn(served, ours)).toBe('')
        // The kernel's own capture has checksums that are left to be done: here only the form counts.
        expect(await wrongIn(served, kernels, FORM, '_ws.malformed')).toBe('')
      } finally {
        await served.close()
      }
    },
    120_000,
  )

  test('over a bad link, the kernel without SACK and timestamps, connections reset in full flow: nor there', async () => {
    const served = await Served.start({
      services: ['upper', 'chargen', 'http=FOLDER'],
      options: ['--capture', 'FOLDER/ours.pcapng', '--impair', 'loss=2%,reorder=3%,duplicate=2%,seed=21'],
    })
    try {
      served.namespace.sysctl('net.ipv4.tcp_sack', 0)
      served.namespace.sysctl('net.ipv4.tcp_timestamps', 0)
      writeSeededFile(join(served.folder, 'file'), 2_000_000)
      const { status, stderr } = await served.shell(
        [
          'set -e',
          `curl -sS -f -o /dev/null http://${STACK}/file`,
          `curl -sS -f -T ${served.folder}/file http://${STACK}/up`,
          // It closes with data unread: the kernel resets while ours is sending.
          `head -c 300000 < /dev/tcp/${STACK}/19 > /dev/null`,
        ].join('\n'),
        { within: 60_000 },
      )
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      await served.stop()
      const ours = join(served.folder, 'ours.pcapng')
      expect(await wrongIn(served, ours)).toBe('')
      // It was all there: segments sent again, and a reset.
      expect(
        await wrongIn(served, ours, CHECKED, 'tcp.analysis.retransmission || tcp.analysis.fast_retransmission'),
      ).not.toBe('')
      expect(await wrongIn(served, ours, CHECKED, 'tcp.flags.reset == 1')).not.toBe('')
    } finally {
      await served.close()
    }
  }, 120_000)

  test('a damaged packet would be found', async () => {
    const served = await Served.start({ services: ['upper'], options: ['--capture', 'FOLDER/ours.pcapng'] })
    try {
      await served.shell(`echo hello | nc -N ${STACK} 12000`)
      await served.stop()
      const path = join(served.folder, 'ours.pcapng')
      const text = readFileSync(path, 'latin1')
      writeFileSync(path, text.replace('HELLO', 'HALLO'), 'latin1')
      expect((await wrongIn(served, path)).trim().split('\n').length).toBe(1)
    } finally {
      await served.close()
    }
  })
})
