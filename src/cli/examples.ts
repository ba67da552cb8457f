import type { Command } from 'commander'
import { WHERE_EXAMPLE } from './where-example.ts'

/** What each command is used for, as it is typed. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  jackfield: [
    'demo',
    'lab',
    'ping -c 3 192.0.2.1',
    'serve http:8080=.',
    `serve echo --on ${WHERE_EXAMPLE}`,
    'help serve',
  ],
  serve: [
    'serve echo:7007',
    'serve http:8080=. dns:5300=9.9.9.9',
    `serve http=/srv/www echo mdns=lab --on ${WHERE_EXAMPLE}`,
    `serve echo --on ${WHERE_EXAMPLE} --impair loss=3%,delay=20ms --capture echo.pcapng`,
  ],
  router: [
    `router --on ${WHERE_EXAMPLE} --on tap:jf1,10.9.1.2/24`,
    `router --on ${WHERE_EXAMPLE} --on tap:jf1,10.9.1.2/24 --route "10.2.0.0/16 via 10.9.1.7"`,
  ],
  ping: [
    'ping 192.0.2.1',
    'ping -c 3 -i 0.2 -s 1472 -M do 192.0.2.1',
    `ping -f -c 1000 10.9.0.1 --on ${WHERE_EXAMPLE}`,
  ],
  traceroute: [
    'traceroute host.example',
    'traceroute -T -p 443 host.example',
    'traceroute -I -n 2001:db8::1',
    'traceroute --mtu host.example',
  ],
  nc: [
    'nc -l 7007',
    'nc host.example 7007',
    'nc -z -v host.example 20-25',
    'nc -U /run/echo.sock',
    `nc -u 10.9.0.1 7 --on ${WHERE_EXAMPLE}`,
  ],
  relay: [
    'relay tcp-listen:8080,fork tcp:192.0.2.1:80',
    `relay tcp-listen:8080,fork 'tcp:10.9.0.1:80,on=[${WHERE_EXAMPLE}]'`,
    'relay -v unix-listen:/tmp/x.sock,fork unix:/run/echo.sock',
    'relay udp-listen:5353,fork,range=127.0.0.0/8 udp:192.0.2.53:53',
    'relay -u udp-recv:514 stdio',
    'relay tcp-listen:7,fork,max=10 exec:cat',
  ],
  capture: [
    'capture tcp port 80',
    'capture -i eth0 -w talk.pcapng',
    'capture --pid 4711',
    'capture --pid 4711 -i server.eth0 -c 10 udp',
    `capture --on ${WHERE_EXAMPLE} tcp port 80`,
    `capture --on ${WHERE_EXAMPLE} -c 10 -e arp or icmp`,
    `capture --on ${WHERE_EXAMPLE} 'tcp[tcpflags] & tcp-syn != 0'`,
    `capture --on ${WHERE_EXAMPLE} -w talk.pcapng`,
    'capture -r talk.pcapng -X udp',
    'capture --install-extcap',
  ],
  iperf3: [
    'iperf3 -s',
    `iperf3 -s --on ${WHERE_EXAMPLE}`,
    'iperf3 -c 192.0.2.1 -t 5 -P 4 -R',
    'iperf3 -c 192.0.2.1 -u -b 100M -l 1200',
    'iperf3 -c 192.0.2.1 -n 1G -J',
  ],
  fetch: [
    'fetch http://host.example/',
    "fetch -i -H 'Accept: text/plain' -d name=value http://host.example/form",
    'fetch -L -o page.html https://host.example/',
    'fetch -x socks5h://192.0.2.1:1080 http://host.example/',
    'fetch --trace http://192.0.2.1/',
  ],
  dig: [
    'dig host.example',
    'dig +short host.example MX',
    'dig @192.0.2.53 host.example AAAA',
    'dig -x 192.0.2.1',
    'dig @192.0.2.53 host.example A mail.example MX +short',
    'dig -f questions.txt +noall +answer',
    'dig +trace host.example',
    'dig printer.local',
    'dig _http._tcp.local PTR',
  ],
  netstat: ['netstat', 'netstat -tlnp', 'netstat -c 2 -t --os', 'netstat -r --json'],
  trace: [
    'trace server.mjs',
    'trace -e connect,sendto,recvfrom,close -T client.ts http://192.0.2.1/',
    'trace -f -o trace.txt many.mjs',
    'trace -c client.mjs',
  ],
  packetdrill: ['packetdrill handshake.pkt', 'packetdrill --ip ipv6 -v scripts/', 'packetdrill --on os handshake.pkt'],
  lab: ['lab', 'lab --no-open --port 8080', 'lab lossy.json', 'lab --attach 4242'],
  demo: ['demo', 'demo E3 --loss 20%', 'demo --on stack --capture all.pcapng'],
  completion: [
    'completion bash > ~/.local/share/bash-completion/completions/jackfield',
    'completion fish > ~/.config/fish/completions/jackfield.fish',
  ],
}

/** Lines that call the command `name`, without the "jackfield" in front. */
export function examplesOf(name: string): readonly string[] {
  return Object.hasOwn(EXAMPLES, name) ? (EXAMPLES[name] ?? []) : []
}

/** Has the help of a command end with lines to begin from. */
export function addExamples(command: Command): void {
  const examples = examplesOf(command.name())
  if (examples.length === 0) return
  command.addHelpText('after', ['\nExamples:', ...examples.map((line) => `  $ jackfield ${line}`)].join('\n'))
}
