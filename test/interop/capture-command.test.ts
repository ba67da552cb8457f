import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, STACK } from './served.ts'

describeNetwork('jackfield capture', ['tshark', 'ping', 'nc', 'mkfifo', 'sysctl'], () => {
  let namespace: Namespace
  let folder: string

  beforeEach(() => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-capture-'))
  })

  afterEach(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The command, listening; `line` is a line of shell in which $0 is the command. */
  async function listening(line: string): Promise<Running> {
    const running = namespace.start('bash', ['-c', line, COMMAND])
    await running.saying('listening on jf0')
    namespace.configure('jf0', `${KERNEL}/24`)
    return running
  }

  const ON = `--on tap:jf0,${STACK}/24`
  const ping = (count: number) =>
    namespace.run('ping', ['-q', '-c', String(count), '-l', String(count), '-W', '20', STACK])
  // Nobody listens: a SYN, and a reset in answer.
  const knock = (port: number) => namespace.run('nc', ['-w', '5', STACK, String(port)])

  test('prints a line for each packet that the filter wants, answers meanwhile, and ends after -c of them', async () => {
    const capture = await listening(`exec "$0" capture ${ON} -c 4 icmp`)
    expect((await ping(2)).status).toBe(0)
    const { status, stdout, stderr } = await capture.ended
    expect(status).toBe(0)
    const lines = stdout.split('\n')
    expect(lines.length).toBe(5)
    const wanted = [`${KERNEL} > ${STACK}: ICMP echo request`, `${STACK} > ${KERNEL}: ICMP echo reply`]
    for (const [i, line] of lines.slice(0, 4).entries()) {
      expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{6} IP /)
      expect(line).toContain(wanted[i % 2])
    }
    expect(stderr).toContain('listening on jf0, link-type EN10MB (Ethernet), snapshot length 262144 bytes')
    expect(stderr).toMatch(/^4 packets captured, \d+ seen$/m)
  })

  test('-e prints the Ethernet header, -v every header; SIGINT ends it', async () => {
    const capture = await listening(`exec "$0" capture ${ON} -e -v -n arp or tcp port 99`)
    await knock(99)
    await capture.saying(/Flags \[R/)
    const { status, stdout } = await capture.stop('SIGINT')
    expect(status).toBe(0)
    const address = '([0-9a-f]{2}:){5}[0-9a-f]{2}'
    expect(stdout).toMatch(
      new RegExp(`${address} > ff:ff:ff:ff:ff:ff, ethertype ARP \\(0x0806\\), length \\d+: Request who-has ${STACK}`),
    )
    expect(stdout).toMatch(/^ {4}IPv4: version 4, header length 20, /m)
    expect(stdout).toMatch(/^ {4}TCP: source port \d+, destination port 99, /m)
    expect(stdout).toContain('header checksum 0x')
    expect(stdout).not.toContain('(incorrect')
  })

  test('-w -: tshark reads it live, and nothing else is in it', async () => {
    const capture = await listening(`"$0" capture ${ON} -w - tcp | tshark -l -n -r - -T fields -e tcp.dstport`)
    await knock(81)
    await knock(82)
    await capture.saying(/^82$/m)
    // The shell's group: the command, and tshark behind it.
    const { stdout } = await capture.stop('SIGINT')
    // (A SYN that is answered late has been sent again.)
    const knocked = stdout.split('\n').filter((port) => port === '81' || port === '82')
    expect([...new Set(knocked)]).toEqual(['81', '82'])
  })

  test('-w a named pipe: the same; and a reader that has had enough ends it in order', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const capture = await listening(`exec "$0" capture ${ON} -w ${pipe} icmp`)
    const reader = namespace.start('tshark', ['-l', '-n', '-r', pipe, '-c', '2'])
    const pings = namespace.start('ping', ['-q', '-i', '0.05', STACK])
    expect((await reader.ended).stdout).toContain('Echo (ping) reply')
    const { status, stderr } = await capture.ended
    await pings.stop('SIGKILL')
    expect(status).toBe(0)
    expect(stderr).toMatch(/^\d+ packets captured, \d+ seen$/m)
  })

  test('-w a file, -s: so much of each packet, and its whole length', async () => {
    const path = join(folder, 'x.pcapng')
    const capture = await listening(`exec "$0" capture ${ON} -w ${path} -s 60 -c 2 -i jf0 icmp`)
    await ping(1)
    expect((await capture.ended).stdout).toBe('')
    const { packets, truncated } = readPcapng(readFileSync(path))
    expect(truncated).toBe(false)
    expect(packets.map(({ bytes, originalLength }) => [bytes.length, originalLength])).toEqual([
      [60, 98],
      [60, 98],
    ])
  })

  test.each([
    ['tcp prot 80', 'filter "tcp prot 80": "prot" where "and", "or" or a protocol'],
    ['-i eth0', '-i eth0: --on has the interface jf0 alone; write that, or leave -i out'],
    ['-c 0', 'It must be a whole number from 1'],
    ['-w /no/such/folder/x', '-w "/no/such/folder/x" cannot be written, no such file or directory'],
  ])('%s is refused in one line, with the status of tcpdump', async (args, message) => {
    const { status, stdout, stderr } = await namespace.shell(`"${COMMAND}" capture ${ON} ${args}`)
    expect(stderr).toMatch(/^jackfield: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  test('--install-extcap: Wireshark lists it and captures; --uninstall-extcap takes it away', async () => {
    const own = join(folder, 'wireshark')
    mkdirSync(own)
    const within = (line: string) => namespace.shell(`export XDG_CONFIG_HOME=${folder}; ${line}`)
    expect((await within(`${COMMAND} capture --install-extcap`)).stdout).toContain(`${own}/extcap/jackfield: `)
    expect((await within('tshark -D')).stdout).toMatch(/ jackfield \(Jackfield: a stack of its own, /)
    const tshark = namespace.start('bash', [
      '-c',
      `XDG_CONFIG_HOME=${folder} exec tshark -l -i jackfield -o extcap.jackfield.on:tap:jf0,${STACK}/24 -f icmp -c 2`,
    ])
    await namespace.shell('until ip link show dev jf0 > /dev/null 2>&1; do sleep 0.02; done')
    namespace.configure('jf0', `${KERNEL}/24`)
    expect((await ping(1)).status).toBe(0)
    const { status, stdout } = await tshark.ended
    expect(stdout).toMatch(/ICMP 98 Echo \(ping\) request .*\n.* ICMP 98 Echo \(ping\) reply/)
    expect(status).toBe(0)
    // What is wrong is told, and not waited for. (tshark may be gone before it has read that.)
    expect((await within('tshark -i jackfield -c 1')).stderr).toContain('0 packets captured')
    const unsaid = await within(`${own}/extcap/jackfield --capture --extcap-interface jackfield --fifo ${folder}/none`)
    expect(unsaid.stderr).toContain('say where the stack is: in the options of the interface')
    expect(unsaid.status).not.toBe(0)
    expect((await within(`${COMMAND} capture --uninstall-extcap`)).stdout).toBe(`${own}/extcap/jackfield is gone\n`)
    expect(readdirSync(join(own, 'extcap'))).toEqual([])
  })
})
