// The command, at the stack of another that runs: a server on a TAP, that the kernel speaks with.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DIRECTION_INBOUND, DIRECTION_OUTBOUND, LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, STACK } from './served.ts'

describeNetwork('jackfield capture --pid', ['tshark', 'ping', 'sysctl'], () => {
  let namespace: Namespace
  let folder: string
  let program: Running
  let pid: number

  beforeEach(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-capture-'))
    program = start(`exec ${COMMAND} serve echo --on tap:jf0,${STACK}/24`)
    await program.saying('ready')
    pid = program.child.pid as number
    namespace.configure('jf0', `${KERNEL}/24`)
  })

  afterEach(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  // Where programs show themselves, and where Wireshark looks.
  const within = (line: string) => `export XDG_RUNTIME_DIR=${folder} XDG_CONFIG_HOME=${folder}; ${line}`
  const start = (line: string) => namespace.start('bash', ['-c', within(line)])
  const shell = (line: string) => namespace.shell(within(line))
  const ping = () => namespace.run('ping', ['-q', '-c', '1', '-W', '20', STACK])

  test('prints what passes at the stack of a server; -c ends it', async () => {
    const capture = start(`exec ${COMMAND} capture --pid ${pid} -c 2 icmp`)
    await capture.saying(
      'listening on jackfield serve.lo, jackfield serve.jf0, snapshot length 262144 bytes; of process',
    )
    expect((await ping()).status).toBe(0)
    const { status, stdout, stderr } = await capture.ended
    expect(status).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        `^\\S+ jackfield serve.jf0 In  IP ${KERNEL} > ${STACK}: ICMP echo request, .*\\n` +
          `\\S+ jackfield serve.jf0 Out IP ${STACK} > ${KERNEL}: ICMP echo reply, .*\\n$`,
      ),
    )
    expect(stderr).toMatch(/\n2 packets captured, \d+ seen\n$/)
  })

  test('-w: a file with each interface, until the program ends, which is no failure', async () => {
    const path = join(folder, 'x.pcapng')
    const capture = start(`exec ${COMMAND} capture --pid ${pid} -w ${path} icmp`)
    await capture.saying('listening on')
    expect((await ping()).status).toBe(0)
    await program.stop('SIGTERM')
    const { status, stdout, stderr } = await capture.ended
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(new RegExp(`process ${pid} has ended\\n2 packets captured, \\d+ seen\\n$`))
    const { interfaces, packets } = readPcapng(readFileSync(path))
    expect(interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([
      ['jackfield serve.lo', LINKTYPE_RAW],
      ['jackfield serve.jf0', LINKTYPE_ETHERNET],
    ])
    expect(packets.map((packet) => [packet.interface, packet.direction])).toEqual([
      [1, DIRECTION_INBOUND],
      [1, DIRECTION_OUTBOUND],
    ])
  })

  test('who watches the server is told why he cannot, before a file is touched', async () => {
    const { stderr, status } = await shell(`${COMMAND} capture --pid ${process.pid} -w ${folder}/x.pcapng`)
    expect(stderr).toMatch(/^jackfield: process \d+ \(.*\) shows no stack: it has to call showSockets[^\n]*\n$/)
    expect(status).toBe(1)
    expect(() => readFileSync(`${folder}/x.pcapng`)).toThrow('ENOENT')
  })

  test('Wireshark lists each program that runs, and captures there without being told anything', async () => {
    expect((await shell(`${COMMAND} capture --install-extcap ${folder}/wireshark/extcap`)).status).toBe(0)
    expect((await shell('tshark -D')).stdout).toContain(
      ` jackfield-${pid} (Jackfield: jackfield serve, process ${pid})\n`,
    )
    const extcap = `${folder}/wireshark/extcap/jackfield --extcap-interface jackfield-${pid}`
    expect((await shell(`${extcap} --extcap-dlts`)).stdout).toBe('dlt {number=1}{name=EN10MB}{display=Ethernet}\n')
    expect((await shell(`${extcap} --extcap-config`)).stdout).toContain(
      'value {arg=0}{value=jackfield serve.jf0}{display=jackfield serve.jf0}{default=false}\n',
    )
    const tshark = start(`exec tshark -l -i jackfield-${pid} -f icmp -c 2`)
    const pings = namespace.start('ping', ['-q', '-i', '0.1', STACK])
    const { status, stdout } = await tshark.ended
    await pings.stop('SIGKILL')
    expect(stdout).toMatch(/ICMP 98 Echo \(ping\) request .*\n.* ICMP 98 Echo \(ping\) reply/)
    expect(status).toBe(0)
    await program.stop('SIGKILL')
    expect((await shell(`${extcap} --extcap-interfaces`)).stdout).not.toContain(`jackfield-${pid}`)
    const late = await shell(`${extcap} --capture --fifo ${folder}/none`)
    expect(late.stderr).toBe(`jackfield: there is no process ${pid}: name one that runs\n`)
    expect(late.status).not.toBe(0)
  })
})
