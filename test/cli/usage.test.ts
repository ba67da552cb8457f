// What the command says to arguments that are wrong: in this process, where it takes a hundredth of what a process of its own does.

import { describe, expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

/** What is thrown at these arguments. */
async function wrong(words: readonly string[]): Promise<unknown> {
  const command = await commandFor(words, '1.2.3')
  return command.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: unknown) => error,
  )
}

describe('the command', () => {
  test.each([
    [
      ['fly'],
      "unknown command 'fly'; there are serve, router, ping, traceroute, nc, relay, capture, iperf3, fetch, dig, netstat, trace, packetdrill, lab, demo,",
    ],
    [['serv'], "unknown command 'serv' (Did you mean serve?); there are"],
    [['relay', 'stdio'], "missing required argument 'second'; write it as in jackfield relay tcp-listen:8080,fork"],
    [['relay', 'stdio', '-'], 'both sides are stdio; write another address for one of them'],
    [['relay', '-uU', '-', 'exec:cat'], 'there are both -u and -U; write one'],
    [['relay', 'udp-recv:9', '-'], 'udp-recv:9 receives alone: write -u too'],
    [['relay', '-', 'tcp-listen:9,fork'], 'tcp-listen:9 has fork, which is for the first address'],
    [['relay', '-', 'unix:/x,on=[tap:t0,10.0.0.2/24]'], "Unix sockets are the operating system's; leave it out"],
    [['relay', 'tcp:a:1,on=[eth0]', '-'], 'tcp:a:1 on= "eth0" must begin with tap:NAME or tun:NAME, or be os'],
    [['relay', '-', 'exec:cat', '--impair', 'loss=1%'], "--impair is for a stack's own link"],
    [['--fly'], "unknown option '--fly'; jackfield has --version, --debug, --help"],
    [['serve'], "missing required argument 'service'; write it as in jackfield serve echo:7007"],
    [['serve', '--on', 'tap:t0,10.0.0.2/24'], "missing required argument 'service'"],
    [
      ['serve', 'echo', '--bogus'],
      "unknown option '--bogus'; jackfield serve has --on, --impair, --capture, --control,",
    ],
    [['serve', '--captur', 'x'], "unknown option '--captur' (Did you mean --capture?); jackfield serve has --on"],
    [['serve', 'echo', '--on'], "option '--on <where>' argument missing; jackfield serve --help says more"],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.0/24'], '--on has 10.0.0.0/24, the network address'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.1/24,via 99.0.0.1'], '--on has the gateway 99.0.0.1, which is not on'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.2/24,impair=loss=x'], '--on impair= "loss=x":'],
    [['serve', 'echo', 'echo', '--on', 'tap:t0,10.0.0.2/24'], '"echo" and "echo" both ask for port 7'],
    [
      ['ping', '--on', 'tap:t0,10.0.0.2/24'],
      "missing required argument 'host'; write it as in jackfield ping 192.0.2.1",
    ],
    [['ping', '10.0.0.1', '--bogus'], "unknown option '--bogus'; jackfield ping has --on, --ipv4, --ipv6, --count"],
    [
      ['ping', '10.0.0.1', '10.0.0.3', '--on', 'tap:t0,10.0.0.2/24'],
      'Expected 1 argument but got 2; jackfield ping --help',
    ],
    [
      ['ping', '99.1.1.1', '--on', 'tap:t0,10.0.0.1/24', '-c', '2'],
      'ping 99.1.1.1: Network is unreachable: it is not in 10.0.0.1/24, and --on names no gateway; add ",via GATEWAY"',
    ],
    [
      ['ping', '10.0.0.255', '--on', 'tap:t0,10.0.0.2/24'],
      'ping 10.0.0.255: this is the broadcast address of the link',
    ],
    [['ping', '255.255.255.255', '--on', 'tap:t0,10.0.0.2/24'], 'this is no address of one host'],
    [['serve', 'echo', '--on', 'eth0'], '--on "eth0" must begin with tap:NAME or tun:NAME, or be os'],
    [['serve', 'gopher', '--on', 'tap:t0,10.0.0.2/24'], 'there is no service "gopher"; there are echo, discard'],
    [['serve', 'echo:70000', '--on', 'tap:t0,10.0.0.2/24'], 'a port is a number from 1 to 65535'],
    [['serve', 'http', '--on', 'tap:t0,10.0.0.2/24'], 'does not say which directory to serve'],
    [['serve', 'dns', '--zone-file', '/no/such'], '--zone-file "/no/such" cannot be read, ENOENT: name a master file'],
    [['serve', 'dns', '--zone-file', 'a..b=/no/such'], '--zone-file "a..b=/no/such": "a..b" cannot be a domain'],
    [['serve', 'dns', '--zone-file', 'package.json'], '--zone-file "package.json", line 1: "{" is relative'],
    [['serve', 'dns', '--transfer', 'here'], '--transfer "here" is no address such as 192.0.2.53'],
    [['serve', 'http=/no/such/place', '--on', 'tap:t0,10.0.0.2/24'], 'http cannot serve "/no/such/place"'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.2/24', '--impair', 'loss=lots'], '--impair "loss=lots":'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.2/24', '--colour', 'red'], "unknown option '--colour'"],
    [['serve', 'echo', '--on', 'tap:name-of-seventeen,10.0.0.2/24'], 'an interface name of 1 to 15'],
    [['ping', 'there', '--on', 'tap:t0,10.0.0.2/24'], '"there" is no address, and names are not known'],
    [['ping', '10.0.0.1', '--on', 'tap:t0,10.0.0.2/24', '-c', 'x'], 'It must be a whole number'],
    [['fetch'], "missing required argument 'url'; write it as in jackfield fetch --trace http://192.0.2.1/"],
    [['fetch', 'http://10.0.0.1/', '-e', 'conect'], 'calls must be of socket, socketpair, bind'],
    [['fetch', 'http://10.0.0.1/', '-H', 'none'], `-H "none" is no header; write it as in -H 'Name: value'`],
    [['fetch', 'http://10.0.0.1/', '-m', '0'], 'It must be a number of seconds'],
    [
      ['fetch', 'http://10.0.0.1/', '--on', 'tap:t0,10.0.0.2/24', '-O'],
      '-O needs a URL that ends in the name of a file',
    ],
    [
      ['traceroute', '10.0.0.1', '-I', '-T', '--on', 'tap:t0,10.0.0.2/24'],
      'there are both --icmp and --tcp; write one',
    ],
    [['traceroute', '10.0.0.1', '-m', '256', '--on', 'tap:t0,10.0.0.2/24'], 'It must be a whole number from 1 to 255'],
    [['nc', '10.0.0.1', '--on', 'tap:t0,10.0.0.2/24'], 'nc needs a host and a port, or -l and a port'],
    [['nc', '10.0.0.1', '70000', '--on', 'tap:t0,10.0.0.2/24'], 'port "70000"; a port is a number from 1 to 65535, or'],
    [['nc', '-l', '-z', '7', '--on', 'tap:t0,10.0.0.2/24'], '-l and -z exclude each other; write one'],
    [['ping', '-I', 'jf-none', '127.0.0.1'], '-I jf-none: there is no interface and no address of this name'],
    [['nc', '-U'], 'nc -U needs a path, or @NAME, such as nc -U /run/echo.sock'],
    [['nc', '-U', ''], 'nc -U has "" for a path'],
    [['nc', '-U', 'a', '7'], 'nc -U is for a path, which has no port'],
    [['nc', '-U', '-4', 'a'], '-U has no -4 and -6; leave them out'],
    [['nc', '-U', 'a'.repeat(109)], 'nc -U: path must have at most 108 octets, got 109'],
    [['nc', '-U', 'a', '--on', 'tap:t0,10.0.0.2/24'], "-U is for the operating system's Unix sockets"],
    [
      ['nc', '10.0.0.1', 'gopherd'],
      'nc has port "gopherd"; a port is a number from 1 to 65535, or the name of a service',
    ],
    [['iperf3'], 'iperf3 needs -s, or -c and a server, such as iperf3 -c 10.9.0.1'],
    [['iperf3', '-s', '-c', '10.0.0.1'], 'there are both -s and -c; write one'],
    [['iperf3', '-s', '-u'], '-u is for the client: the server does as it is told'],
    [['iperf3', '-s', '-N'], '-N is for the client'],
    [['iperf3', '-s', '-t', '0'], '-t is for the client'],
    [['iperf3', '-c', '10.0.0.1', '-1'], '-1 is for the server: a client makes one test'],
    [['iperf3', '-c', '10.0.0.1', '-t', '5', '-n', '1M'], 'there are both -t and -n; write one'],
    [['iperf3', '-c', '10.0.0.1', '-n', '1M', '-k', '5'], 'there are both -n and -k; write one'],
    [['iperf3', '-c', '10.0.0.1', '-R', '--bidir'], 'there are both -R and --bidir; write one'],
    [['iperf3', '-c', '10.0.0.1', '-S', '1', '--dscp', 'ef'], 'there are both -S and --dscp; write one'],
    [['iperf3', '-c', '10.0.0.1', '-4', '-6'], 'there are both -4 and -6; write one'],
    [['iperf3', '-s', '-4', '-6'], 'there are both -4 and -6; write one'],
    [['iperf3', '-c', '10.0.0.1', '-p', '0'], "argument '0' is invalid. It must be a whole number from 1 to 65535"],
    [['iperf3', '-c', '10.0.0.1', '-p', 'http'], 'It must be a whole number from 1 to 65535'],
    [['iperf3', '-c', '10.0.0.1', '-f', 'x'], 'It must be one of k, m, g, t, K, M, G and T'],
    [['iperf3', '-c', '10.0.0.1', '-i', '0.05'], '-i 0.05: reports are 0.1 to 60 seconds apart, or 0: none'],
    [['iperf3', '-c', '10.0.0.1', '-i', '61'], '-i 61: reports are'],
    [['iperf3', '-c', '10.0.0.1', '-i', '-1'], 'It must be a number of seconds'],
    [['iperf3', '-c', '10.0.0.1', '-t', '86401'], 'It must be a whole number of seconds from 0 to 86400'],
    [['iperf3', '-c', '10.0.0.1', '-t', '1.5'], 'It must be a whole number of seconds'],
    [['iperf3', '-c', '10.0.0.1', '-O', '61'], 'It must be a whole number of seconds from 0 to 60'],
    [['iperf3', '-c', '10.0.0.1', '-n', '10Q'], 'It must be a number from 1 on, as in 100, 64K or 10M'],
    [['iperf3', '-c', '10.0.0.1', '-k', '0'], 'It must be a number from 1 on'],
    [['iperf3', '-c', '10.0.0.1', '-n', '9999999999T'], 'It must be a number from 1 on'],
    [['iperf3', '-c', '10.0.0.1', '-b', 'fast'], 'It must be bits a second, as in 10M'],
    [['iperf3', '-c', '10.0.0.1', '-b', '1M/0'], 'and may have a burst of 1 to 1000: 10M/4'],
    [['iperf3', '-c', '10.0.0.1', '-b', '1M/1001'], 'and may have a burst of 1 to 1000'],
    [['iperf3', '-c', '10.0.0.1', '-b', '1M/2/3'], 'It must be bits a second'],
    [['iperf3', '-c', '10.0.0.1', '-l', '2M'], '-l 2097152: a block has 1 to 1048576 octets'],
    [['iperf3', '-c', '10.0.0.1', '-u', '-l', '15'], '-l 15: a datagram has 16 to 65507 octets'],
    [['iperf3', '-c', '10.0.0.1', '-u', '-l', '64K'], '-l 65536: a datagram has 16 to 65507 octets'],
    [['iperf3', '-c', '10.0.0.1', '-P', '129'], 'It must be a whole number from 1 to 128'],
    [['iperf3', '-c', '10.0.0.1', '--cport', '65534', '--bidir', '-P', '2'], '4 streams have no ports from there'],
    [['iperf3', '-c', '10.0.0.1', '-w', '1G'], 'It must be at most 536870912 octets'],
    [['iperf3', '-c', '10.0.0.1', '-M', '9217'], 'It must be a whole number from 1 to 9216'],
    [['iperf3', '-c', '10.0.0.1', '-C', 'a b'], 'It must be a name such as cubic'],
    [['iperf3', '-c', '10.0.0.1', '-S', '256'], 'It must be a number from 0 to 255, as in 16, 020 or 0x10'],
    [['iperf3', '-c', '10.0.0.1', '--dscp', 'gold'], 'or a name such as ef, cs1, af21'],
    [['iperf3', '-c', '10.0.0.1', '--rcv-timeout', '1'], 'It must be a whole number from 100 to 86400000'],
    [['iperf3', '-c', '10.0.0.1', '--connect-timeout', '-5'], 'It must be a whole number from 1 to 86400000'],
    [['iperf3', '-c', '10.0.0.1', '-D'], 'iperf3 -D is not there: it stays in the foreground'],
    [['iperf3', '-c', '10.0.0.1', '-Z'], 'iperf3 -Z is not there: octets are sent by send(2) alone'],
    [['iperf3', '-c', '10.0.0.1', '--sctp'], 'iperf3 --sctp is not there: there is no SCTP'],
    [['iperf3', '-s', '--json-stream'], 'iperf3 --json-stream is not there: it came after iperf3 3.12'],
    [['iperf3', '-s', '--bind-dev', 'jf-none'], '--bind-dev jf-none: there is no interface of this name'],
    [['iperf3', '-c', 'there', '--on', 'tap:t0,10.0.0.2/24'], '"there" is no address, and names are not known'],
    [['iperf3', '-c', 'no..where'], "'no..where' is invalid. It must be an address, such as 192.0.2.1, or a name"],
    [['iperf3', '-s', 'more'], "too many arguments for 'iperf3'"],
    [
      ['capture', '--pid', '7', '--on', 'os'],
      '--pid 7 is a stack that there is already, and --on another: leave --on out',
    ],
    [
      ['capture', '--pid', '7', '--impair', 'loss=3%'],
      '--impair is for a link that is made, and those of process 7 are',
    ],
    [['capture', '--pid', '7', '-r', 'x'], '-r "x" needs no stack: leave --pid out'],
    [['capture', '--on', 'os', '-r', 'x'], '-r "x" needs no stack: leave --on out'],
    [['capture', '--pid', '0'], 'It must be a whole number from 1 to 4194304'],
    [['capture', '--impair', 'loss=3%'], "--impair is for a stack's own link"],
    [['capture', '-i', 'jf-none'], '-i jf-none: there is no such interface; there is'],
    [['router', '--on', 'os', '--on', 'os'], '--on os: router needs links of its own'],
    [['ping', ''], '"" is neither an address nor a name; write one, such as 192.0.2.1'],
    [['nc', '', '7'], '"" is neither an address nor a name'],
    [['traceroute', ''], '"" is neither an address nor a name'],
    [['netstat', ''], '"" must be a path of 1 to 107 octets'],
    [['router', '--on', 'tap:t0,10.0.0.2/24'], 'router needs --on twice at least'],
    [['ping', '127.0.0.1', '--impair', 'loss=3%'], "--impair is for a stack's own link"],
    [['nc', '127.0.0.1', '7', '--on', 'os', '--capture', 'x'], "--capture is for a stack's own link"],
    [['serve', 'echo', '--on', 'os', '--control', 'x'], '--control shows the sockets of a stack'],
    [['ping', 'no..where'], 'no..where: Name or service not known'],
    [
      ['router', '--on', 'tap:t0,10.0.0.2/24', '--on', 'tap:t1,10.0.1.2/24', '--route', 'default'],
      '--route "default" must be PREFIX via GATEWAY',
    ],
    [
      ['netstat', '/no/such/path', '--os'],
      '--os is for a list of all, and "/no/such/path" is one program; write one of them',
    ],
    [['netstat', '-c', '0'], '-c "0" must be a number of seconds, above 0 and at most 86400'],
    [['netstat', '/no/such/path', '-c', '5x'], '-c "5x" must be a number of seconds'],
    [['netstat', '/no/such/path', '-a', '-l'], '-a and -l exclude each other; write one'],
    [['demo', '--loss', 'abc'], '--loss "abc": impairment must be one of loss,'],
    [['demo', '--loss', 'loss=200%'], '--loss "loss=200%": loss must be from 0 to 1'],
    [['demo', '--seed', 'x'], 'It must be a whole number'],
    [['demo', 'E9'], 'there is no program "E9"; there are E1, E2, E3, E4, E5, E6, E7, E8'],
    [['demo', '--networks', '10.0.1'], 'It must be two networks'],
    [['demo', '--networks', '10.0.1,10.0.1'], 'It must be two networks'],
    [['demo', '--networks', '10.0.1,10.0.256'], 'It must be two networks'],
    [
      ['demo', 'E3', '--bogus'],
      "unknown option '--bogus'; jackfield demo has --seed, --loss, --capture, --networks, --on, --check, --lab, --debug, --help",
    ],
  ])('%j: a usage error that says what is wrong', async (words, message) => {
    const error = await wrong(words)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).message).toContain(message)
  })

  test('commands that it knows have their own module loaded alone, and words that it does not know all of them', async () => {
    const names = async (...words: string[]) => (await commandFor(words, '1.2.3')).commands.map((one) => one.name())
    expect(await names('ping', '--help')).toEqual(['ping'])
    const all = await names('--help')
    expect(all).toContain('completion')
    for (const words of [['fly'], ['help', 'ping'], ['constructor'], []]) expect(await names(...words)).toEqual(all)
    for (const name of all) expect(await names(name)).toEqual([name])
  })
})
