import { describe, expect, test } from 'vitest'
import { checkPorts, parseService } from '../../src/cli/serve/service-text.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

describe('SERVICE', () => {
  test.each([
    ['echo', { name: 'echo', port: 7, directory: null }],
    ['discard', { name: 'discard', port: 9, directory: null }],
    ['daytime', { name: 'daytime', port: 13, directory: null }],
    ['chargen', { name: 'chargen', port: 19, directory: null }],
    ['upper', { name: 'upper', port: 12000, directory: null }],
    ['echo:7007', { name: 'echo', port: 7007, directory: null }],
    ['http=.', { name: 'http', port: 80, directory: '.' }],
    ['dns', { name: 'dns', port: 53, directory: null, servers: [] }],
    [
      'dns:5353=192.0.2.53,fe80::1%jf0',
      { name: 'dns', port: 5353, directory: null, servers: ['192.0.2.53', 'fe80::1%jf0'] },
    ],
    [
      'dhcp=10.0.0.100-10.0.0.199',
      {
        name: 'dhcp',
        port: 67,
        directory: null,
        dhcp: { pool: '10.0.0.100-10.0.0.199', routers: [], nameServers: [] },
      },
    ],
    [
      'dhcp=10.0.0.9, router=10.0.0.1,dns=10.0.0.1,dns=192.0.2.53,domain=lan,lease=600,mtu=1400',
      {
        name: 'dhcp',
        port: 67,
        directory: null,
        dhcp: {
          pool: '10.0.0.9',
          routers: ['10.0.0.1'],
          nameServers: ['10.0.0.1', '192.0.2.53'],
          domain: 'lan',
          lease: 600,
          mtu: 1400,
        },
      },
    ],
    [
      'dhcp6=2001:db8::1-2001:db8::9,dns=2001:db8::53,domain=lan,lease=600',
      {
        name: 'dhcp6',
        port: 547,
        directory: null,
        dhcp6: { pool: '2001:db8::1-2001:db8::9', nameServers: ['2001:db8::53'], search: ['lan'], lease: 600 },
      },
    ],
    ['dhcp6', { name: 'dhcp6', port: 547, directory: null, dhcp6: { pool: null, nameServers: [], search: [] } }],
    [
      'ra,dns=2001:db8::53,managed,slaac=off,interval=30',
      {
        name: 'ra',
        port: 0,
        directory: null,
        ra: {
          prefixes: [],
          routes: [],
          nameServers: ['2001:db8::53'],
          searchDomains: [],
          managed: true,
          other: false,
          slaac: false,
          interval: 30,
        },
      },
    ],
    ['mdns', { name: 'mdns', port: 5353, directory: null, mdns: { host: null, services: [] } }],
    [
      'mdns=server.local,service=Door 1._ssh._tcp:22,txt=path=/a=b,txt=flag,service=_ipp._tcp:631',
      {
        name: 'mdns',
        port: 5353,
        directory: null,
        mdns: {
          host: 'server',
          services: [
            { instance: 'Door 1', type: '_ssh._tcp', port: 22, text: { path: '/a=b', flag: true } },
            { type: '_ipp._tcp', port: 631, text: {} },
          ],
        },
      },
    ],
    [
      'mdns,service=_ssh._tcp:22',
      {
        name: 'mdns',
        port: 5353,
        directory: null,
        mdns: { host: null, services: [{ type: '_ssh._tcp', port: 22, text: {} }] },
      },
    ],
    ['http:8080=/a:b=c', { name: 'http', port: 8080, directory: '/a:b=c' }],
  ])('%s', (text, expected) => {
    expect(parseService(text)).toEqual(expected)
  })

  test.each([
    ['gopher', 'there is no service "gopher"'],
    ['toString', 'there is no service "toString"'],
    ['echo:0', 'port "0"; a port is a number from 1 to 65535'],
    ['echo:65536', 'port "65536"'],
    ['echo:7x', 'port "7x"'],
    ['echo:', 'port ""'],
    ['http', 'does not say which directory'],
    ['dns=192.0.2.53,server', '"server" where the address of a name server belongs'],
    ['dns=', '"" where the address of a name server belongs'],
    ['http:80=', 'does not say which directory'],
    ['dhcp', '"dhcp" does not say which addresses to give: write dhcp=FIRST-LAST'],
    ['dhcp=10.0.0.1-x', 'does not say which addresses to give'],
    ['dhcp=2001:db8::1', 'does not say which addresses to give'],
    ['dhcp:68=10.0.0.9', '"dhcp:68=10.0.0.9": dhcp has no port but 67'],
    ['dhcp=10.0.0.9,router=x', 'router=x; write an IPv4 address, such as router=10.0.0.1'],
    ['dhcp=10.0.0.9,lease=soon', 'lease=soon; write a whole number'],
    ['dhcp=10.0.0.9,gateway', 'has "gateway"; write dhcp=FIRST-LAST'],
    ['dhcp6=10.0.0.9', '"dhcp6=10.0.0.9" does not say which addresses to give: write dhcp6[=FIRST-LAST]'],
    ['dhcp6,dns=10.0.0.9', 'has dns=10.0.0.9; write an IPv6 address, such as dns=2001:db8:1::1'],
    ['dhcp6,dns=::1,gateway', 'has "gateway"; write dhcp6[=FIRST-LAST]'],
    ['ra:1', '"ra:1": ra has no port; write ra[=PREFIX]'],
    ['ra=2001:db8::', 'has "2001:db8::"; write ra[=PREFIX]'],
    ['ra,preference=best', 'has preference=best; write low, medium or high'],
    ['ra,slaac=no', 'has slaac=no; write slaac=on or slaac=off'],
    ['ra,lifetime=long', 'has lifetime=long; write a whole number'],
    ['mdns:5354=server', '"mdns:5354=server": mdns has no port but 5353; write mdns[=NAME]'],
    ['mdns=a.b', '"a.b" where the name of a host belongs: write mdns=server'],
    ['mdns=', '"" where the name of a host belongs'],
    ['mdns=server,service=ssh:22', 'has service=ssh:22; write what it is and its port, such as service=_ssh._tcp:22'],
    ['mdns=server,service=_ssh._tcp', 'has service=_ssh._tcp; write'],
    ['mdns=server,service=_ssh._tcp:65536', 'has service=_ssh._tcp:65536; write'],
    ['mdns=server,service=a.b._ssh._tcp:22', 'has service=a.b._ssh._tcp:22; write'],
    ['mdns=server,txt=a=b', 'has txt=a=b before any service'],
    ['mdns=server,service=_ssh._tcp:22,txt==b', 'has txt==b; write KEY=VALUE'],
    ['mdns=server,port=1', 'has "port=1"; write mdns[=NAME]'],
    ['echo=.', 'only http serves a directory'],
  ])('%s is refused, and what is wrong is said', (text, message) => {
    expect(() => parseService(text)).toThrow(UsageError)
    expect(() => parseService(text)).toThrow(message)
  })
})

describe('the ports of several services', () => {
  const check = (...texts: string[]) => checkPorts(texts, texts.map(parseService))

  test('router advertisements are told of once', () => {
    expect(() => check('ra=2001:db8::/64', 'ra')).toThrow('there is ra twice; write one')
  })

  test('of their own each', () => {
    expect(() => check('echo', 'upper', 'http=.', 'http:8080=.', 'echo:7007')).not.toThrow()
  })

  test.each([
    [['echo', 'echo'], '"echo" and "echo" both ask for port 7: give one another, such as echo:PORT'],
    [['discard', 'upper', 'echo:12000'], '"upper" and "echo:12000" both ask for port 12000'],
    [['mdns', 'mdns=server'], 'there is mdns twice; write one'],
    [['dns:5353', 'mdns'], '"dns:5353" and "mdns" both ask for port 5353: give one another, such as dns:PORT'],
    [['echo:80', 'http=a/b'], '"echo:80" and "http=a/b" both ask for port 80: give one another, such as http:PORT=a/b'],
  ])('%j: the same, and what to do', (texts, message) => {
    expect(() => check(...texts)).toThrow(UsageError)
    expect(() => check(...texts)).toThrow(message)
  })
})
