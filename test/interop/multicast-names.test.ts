import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, KERNEL6, STACK, STACK6 } from './served.ts'

const PROGRAM = fileURLToPath(new URL('./programs/multicast.mjs', import.meta.url))

// Avahi is told what to do over a bus. It is one of its own, which nothing else on the machine is on.
const BUS = (folder: string) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>
</busconfig>`
const AVAHI = `[server]
host-name=debian
use-ipv4=yes
use-ipv6=yes
allow-interfaces=jf0
[publish]
publish-hinfo=no
publish-workstation=no
`

describeNetwork(
  'names of the link, beside Avahi',
  ['avahi-daemon', 'avahi-browse', 'avahi-publish', 'dbus-daemon', 'stdbuf', 'sysctl'],
  () => {
    let namespace: Namespace
    let folder: string
    let avahi: Running

    const environment = () => ({ DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus` })
    const shell = (line: string) => {
      const [[name, value]] = Object.entries(environment()) as [[string, string]]
      return namespace.shell(`export ${name}=${value}; ${line}`)
    }
    /** Avahi's browser, which goes on: with -t it takes for all what has been answered within a second. */
    const browsing = (...words: string[]) =>
      namespace.start('env', [
        `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${folder}/bus`,
        ...['stdbuf', '-oL', 'avahi-browse', ...words],
      ])
    const ours = (host: string, what: object) =>
      namespace.start(process.execPath, [PROGRAM, `${STACK}/24,${STACK6}/64`, host, JSON.stringify(what)])

    beforeAll(async () => {
      namespace = new Namespace()
      folder = mkdtempSync(join(tmpdir(), 'jackfield-link-'))
      writeFileSync(join(folder, 'bus.conf'), BUS(folder))
      writeFileSync(join(folder, 'avahi.conf'), AVAHI)
      namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
      namespace.configure('jf0', `${KERNEL}/24`)
      namespace.sysctl('net.ipv6.conf.jf0.disable_ipv6', 0)
      namespace.ip('address', 'add', `${KERNEL6}/64`, 'dev', 'jf0', 'nodad')
      // Its process number lies in /run, which is therefore its own too.
      avahi = namespace.start('unshare', [
        '--mount',
        'bash',
        '-c',
        `
      mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon
      dbus-daemon --config-file=${folder}/bus.conf --nofork --nopidfile &
      bus=$!
      trap 'kill $bus' EXIT
      while [ ! -S ${folder}/bus ]; do sleep 0.05; done
      export DBUS_SYSTEM_BUS_ADDRESS=unix:path=${folder}/bus
      avahi-daemon -f ${folder}/avahi.conf --no-drop-root --no-chroot --no-rlimits 2>&1 & daemon=$!
      trap 'kill $daemon $bus' EXIT
      wait $daemon`,
      ])
    })

    afterAll(async () => {
      await namespace?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    test('they agree on names, and find each other', async () => {
      // A TAP has no carrier before somebody holds it.
      const files = { instance: 'Our Files', type: '_http._tcp', port: 8080, text: { path: '/' } }
      const running = ours('stack', { publish: [files], browse: ['_ssh._tcp'] })
      await running.saying('ready')
      await avahi.saying('Server startup complete')
      const browser = browsing('-rp', '_http._tcp')
      await browser.saying(/;Our\\032Files;.*;stack\.local;10\.9\.0\.2;8080;"path=\/"$/m)
      await browser.stop()
      expect((await shell('avahi-resolve -4 -n stack.local')).stdout).toBe(`stack.local\t${STACK}\n`)
      expect((await shell('avahi-resolve -6 -n stack.local')).stdout).toBe(`stack.local\t${STACK6}\n`)
      expect((await shell(`avahi-resolve -a ${STACK}`)).stdout).toBe(`${STACK}\tstack.local\n`)

      // Asked for by the command. (dig of BIND 9.18 hears only from the group that it asks, from which nobody answers.)
      for (const words of ['+short stack.local', '+short -p 5353 @224.0.0.251 stack.local', '+short -6 stack.local']) {
        expect((await shell(`${COMMAND} dig ${words}`)).stdout, words).toBe(`${STACK}\n`)
      }
      expect((await shell(`${COMMAND} dig _http._tcp.local PTR`)).stdout).toMatch(
        /^_http\._tcp\.local\.\t+\d+\tIN\tPTR\tOur\\ Files\._http\._tcp\.local\.$/m,
      )
      expect(await shell(`${COMMAND} dig +time=1 +short none.local`)).toMatchObject({ status: 9 })

      const shellService = namespace.start('env', [
        `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${folder}/bus`,
        ...['avahi-publish', '-s', 'A Shell', '_ssh._tcp', '22', 'key=value'],
      ])
      await running.saying(/^added A Shell debian\.local:22 .*10\.9\.0\.1.* \{"key":"value"\}$/m)
      await shellService.stop()
      await running.saying('removed A Shell')
      expect(await running.stop('SIGTERM')).toMatchObject({ status: 0, stderr: '' })
    })

    test('jackfield serve mdns tells of what it serves, and names of the link are names for every command with --on', async () => {
      const on = ['--on', `tap:jf0,${STACK}/24,${STACK6}/64`]
      const mdns = 'mdns=lab,service=Door._ssh._tcp:22,txt=key=value'
      const running = namespace.start(COMMAND, ['serve', `http=${folder}`, mdns, ...on])
      await running.saying('mdns: lab (_http._tcp, port 80) on jf0')
      expect(running.stdout).toContain('mdns: lab.local on jf0\nmdns: Door (_ssh._tcp, port 22) on jf0\n')
      const browser = browsing('-rpa')
      await browser.saying(/;Door;[^;]*;local;lab\.local;10\.9\.0\.2;22;"key=value"\n/)
      await browser.saying(/;lab;[^;]*;local;lab\.local;10\.9\.0\.2;80;\n/)
      await browser.stop()
      expect((await shell(`avahi-resolve -6 -n lab.local; avahi-resolve -a ${STACK}`)).stdout).toBe(
        `lab.local\t${STACK6}\n${STACK}\tlab.local\n`,
      )
      expect(await running.stop('SIGTERM')).toMatchObject({ status: 0, stderr: '' })

      // The name is Avahi's, the page nobody's: that it was asked for at his address is enough.
      expect(await namespace.run(COMMAND, ['fetch', 'http://debian.local:9/', ...on])).toMatchObject({ status: 7 })
      const ping = await namespace.run(COMMAND, ['ping', '-4', '-c1', 'debian.local', ...on])
      expect(ping.stdout).toContain(`PING debian.local (${KERNEL})`)
      expect(ping.stdout).toContain('1 packets transmitted, 1 received')
    })

    test('whoever comes later takes another name; its services go with the name', async () => {
      const running = ours('debian', {
        publish: [{ instance: 'Files', type: '_http._tcp', port: 80 }],
        lookup: ['debian.local', 'none.local'],
      })
      await running.saying('ready')
      expect(running.stdout).toContain('claimed debian-2.local')
      expect(running.stdout).toMatch(/^found debian\.local 10\.9\.0\.1(,f[de].*)?$/m)
      expect(running.stdout).toContain('found none.local EAI_NONAME')
      const twin = namespace.start('env', [
        `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${folder}/bus`,
        ...['avahi-publish', '-s', 'Files', '_http._tcp', '81'],
      ])
      await twin.saying("Name collision, picking new name 'Files #2'")
      await twin.stop()
      const browser = browsing('-rp', '_http._tcp')
      await browser.saying(`;debian-2.local;${STACK};80;`)
      await running.stop('SIGTERM')
      // Goodbye: without, it would be kept for more than an hour.
      await browser.saying(/^-;jf0;IPv4;Files;/m)
      await browser.stop()
    })
  },
)
