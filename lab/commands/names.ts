/** What a terminal of the lab runs, and what each is for: as `help` lists it. */
export const COMMANDS: Readonly<Record<string, string>> = {
  ping: 'send echo requests, and time the answers',
  traceroute: 'find the routers on the way to a host',
  nc: 'connect or listen, and copy both ways',
  dig: 'ask a name server, and show what it says',
  netstat: 'list sockets; -r routes, -i interfaces, -s what was counted',
  iperf3: 'measure throughput: -s on one host, -c HOST on another',
  help: 'this list; COMMAND --help says more',
  clear: 'an empty terminal (Ctrl-L)',
}
