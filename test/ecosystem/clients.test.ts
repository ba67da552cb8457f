// Clients of the npm registry, as they are, of the servers that Debian has: over a stack on a TAP, and over the operating system.

import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Machine, SYSTEMS } from './machine.ts'
import { describeEcosystem } from './requirements.ts'

const POSTGRES = '/usr/lib/postgresql/15/bin'
const MARIADB = '/usr/share/mysql'

describe.each(SYSTEMS)('over %s', (on) => {
  let machine: Machine

  beforeAll(() => {
    machine = new Machine(on)
    chmodSync(machine.folder, 0o755)
  })
  afterAll(() => machine?.close())

  /** A folder that belongs to the user of that name. */
  async function folderOf(user: string): Promise<string> {
    const folder = join(machine.folder, user)
    mkdirSync(folder)
    const { status } = await machine.namespace.run('chown', [user, folder])
    expect(status).toBe(0)
    return folder
  }

  describeEcosystem('ioredis and redis-server', ['redis-server'], () => {
    test('values, pipelines and subscriptions', async () => {
      const args = ['--bind', machine.peer, '--protected-mode', 'no', '--save', '', '--dir', machine.folder]
      const server = machine.namespace.start('redis-server', args)
      await server.saying('Ready to accept connections')
      const found = await machine.told('redis')
      expect(found).toEqual({ large: true, counted: [null, 1000], heard: ['news', 'something'], from: machine.own })
      await server.stop()
    })
  })

  describeEcosystem('pg and postgresql', [`${POSTGRES}/postgres`], () => {
    test('tables, parallel connections and errors', async () => {
      const folder = await folderOf('postgres')
      const as = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups']
      writeFileSync(join(machine.folder, 'password'), 'secret')
      const init = [`${POSTGRES}/initdb`, '-D', folder, '-U', 'tester', '-A', 'scram-sha-256', '--no-sync']
      const made = await machine.namespace.run('setpriv', [...as, ...init, `--pwfile=${machine.folder}/password`])
      expect(made).toMatchObject({ status: 0 })
      writeFileSync(join(folder, 'pg_hba.conf'), 'host all all 10.9.0.0/24 scram-sha-256\n')
      const options = ['-D', folder, '-h', machine.peer, '-k', '', '-c', 'fsync=off']
      const server = machine.namespace.start('setpriv', [...as, `${POSTGRES}/postgres`, ...options])
      await server.saying('ready to accept connections')
      const rows = [{ count: 40, length: 310_000 }]
      expect(await machine.told('postgres')).toEqual({ rows, wrong: '42703', from: machine.own })
      await server.stop('SIGINT')
    })
  })

  describeEcosystem('mysql2 and mariadb', ['mariadbd', `${MARIADB}/mysql_system_tables.sql`], () => {
    test('tables, parallel connections and errors', async () => {
      const data = join(machine.folder, 'mariadb')
      const common = ['--no-defaults', `--datadir=${data}`, '--user=root']
      mkdirSync(data)
      // What mariadb-install-db does.
      const tables = ['mysql_system_tables', 'mysql_performance_tables', 'mysql_system_tables_data']
      const input = [
        'CREATE DATABASE mysql;',
        'USE mysql;',
        'SET @auth_root_socket = NULL;',
        ...tables.map((name) => readFileSync(`${MARIADB}/${name}.sql`, 'utf8')),
      ]
      const made = await machine.namespace.run('mariadbd', [...common, '--bootstrap'], { input: input.join('\n') })
      expect(made).toMatchObject({ status: 0 })
      const init = join(machine.folder, 'init.sql')
      const user = [
        'CREATE DATABASE test;',
        "CREATE USER tester IDENTIFIED BY 'secret';",
        'GRANT ALL ON test.* TO tester;',
      ]
      writeFileSync(init, `${user.join('\n')}\n`)
      const server = machine.namespace.start('mariadbd', [
        ...common,
        `--bind-address=${machine.peer}`,
        `--socket=${machine.folder}/mariadb.sock`,
        `--pid-file=${machine.folder}/mariadb.pid`,
        `--init-file=${init}`,
        '--skip-name-resolve',
      ])
      await server.saying('ready for connections')
      const rows = [{ count: 40, length: 310_000 }]
      expect(await machine.told('mysql')).toEqual({ rows, wrong: 'ER_BAD_FIELD_ERROR', from: machine.own })
      await server.stop()
    })
  })

  describeEcosystem('mqtt and mosquitto', ['mosquitto'], () => {
    test('all three qualities of service', async () => {
      const settings = join(machine.folder, 'mosquitto.conf')
      writeFileSync(settings, `listener 1883 ${machine.peer}\nallow_anonymous true\nuser root\n`)
      const server = machine.namespace.start('mosquitto', ['-v', '-c', settings])
      await server.saying('running')
      const texts = [0, 1, 2].map((qos) => [`news/${qos}`, 100_000])
      expect(await machine.told('mqtt')).toEqual({ texts })
      expect(server.stdout + server.stderr).toContain(`from ${machine.own}:`)
      await server.stop()
    })
  })

  describeEcosystem('nodemailer and an SMTP server', ['/usr/lib/python3/dist-packages/aiosmtpd'], () => {
    test('a letter arrives whole', async () => {
      const args = [
        '-m',
        'aiosmtpd',
        '-n',
        '-d',
        '-l',
        `${machine.peer}:2525`,
        '-c',
        'aiosmtpd.handlers.Debugging',
        'stdout',
      ]
      const server = machine.namespace.start('env', ['PYTHONUNBUFFERED=1', '/usr/bin/python3', ...args])
      await server.saying('Server is listening on')
      const found = await machine.told('mail')
      expect(found).toEqual({ accepted: ['receiver@example.com'], response: '250 OK' })
      await server.saying('END MESSAGE')
      expect(server.stdout.match(/^line$/gm)).toHaveLength(50_000)
      expect(server.stdout).toContain(`X-Peer: ('${machine.own}', `)
      await server.stop()
    })
  })

  describeEcosystem('ssh2 and openssh-server', ['/usr/sbin/sshd', 'ssh-keygen'], () => {
    test('commands, and files by SFTP', async () => {
      const key = (name: string) => join(machine.folder, name)
      for (const name of ['host', 'user']) {
        const made = await machine.namespace.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key(name)])
        expect(made).toMatchObject({ status: 0 })
      }
      const settings = [
        `ListenAddress ${machine.peer}:2222`,
        `HostKey ${key('host')}`,
        `AuthorizedKeysFile ${key('user.pub')}`,
        'PermitRootLogin yes',
        'StrictModes no',
        'UsePAM no',
        'PidFile none',
        'Subsystem sftp internal-sftp',
      ]
      writeFileSync(key('sshd_config'), `${settings.join('\n')}\n`)
      mkdirSync('/run/sshd', { recursive: true })
      const server = machine.namespace.start('/usr/sbin/sshd', ['-D', '-e', '-f', key('sshd_config')])
      await server.saying('Server listening on')
      const found = await machine.told('ssh', { SSH_KEY: key('user') })
      const hash = createHash('sha256').update(Buffer.alloc(3_000_000, 'x')).digest('hex')
      expect(found).toEqual({ from: machine.own, hash, passwd: true })
      await server.stop()
      expect(readFileSync(key('user.pub'), 'utf8')).toMatch(/^ssh-ed25519 /)
    })
  })

  describeEcosystem('dns-packet and dnsmasq, multicast-dns and a plain Node', ['dnsmasq'], () => {
    test('a hundred questions of four types at once, and one to a group', async () => {
      const records = ['--address=/host.example/192.0.2.7', '--address=/host.example/2001:db8::7']
      const more = ['--txt-record=host.example,some text', '--srv-host=host.example,other.example,8080']
      const alone = [
        '--no-daemon',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--bind-interfaces',
        '--user=root',
      ]
      const server = machine.namespace.start('dnsmasq', [
        ...alone,
        `--listen-address=${machine.peer}`,
        ...records,
        ...more,
      ])
      await server.saying('started')
      const responder = machine.program('multicast-dns-responder', {}, true)
      await responder.saying('ready')
      expect(await machine.told('dns')).toEqual({
        different: [
          `A: ${machine.peer} A 192.0.2.7`,
          `AAAA: ${machine.peer} AAAA 2001:db8::7`,
          `SRV: ${machine.peer} SRV other.example`,
          `TXT: ${machine.peer} TXT some text`,
        ],
        printer: '192.0.2.9',
        from: machine.peer,
      })
      await responder.stop()
      await server.stop()
    })
  })

  describeEcosystem('http, https, http2, fetch, undici and ws, and servers of a plain Node', [], () => {
    test('two megabytes there and back by each, and a hundred requests at once', async () => {
      const server = machine.program('http-server', {}, true)
      await server.saying('ready')
      const names = ['http', 'https', 'fetch', 'undici', 'undiciSecure', 'http2', 'ws', 'many']
      const found = await machine.told('http-client')
      expect(found).toEqual(Object.fromEntries(names.map((name) => [name, true])))
      expect(await server.stop()).toMatchObject({ status: 0, stderr: '' })
    })
  })
})
