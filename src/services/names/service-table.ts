// Read first: services(5), getservbyname(3), and IANA's registry of service names and ports, which the entries are from.

import { given } from '../../base/argument.ts'

export type TransportName = 'tcp' | 'udp'

/** What getservbyname(3) gives: a struct servent. */
export interface ServiceEntry {
  readonly name: string
  readonly aliases: readonly string[]
  readonly port: number
  readonly protocol: TransportName
}

// name, port, protocols, aliases
const DEFAULT_TEXT = `
tcpmux 1/tcp
echo 7/tcp
echo 7/udp
discard 9/tcp sink null
discard 9/udp sink null
systat 11/tcp users
daytime 13/tcp
daytime 13/udp
netstat 15/tcp
qotd 17/tcp quote
qotd 17/udp quote
chargen 19/tcp ttytst source
chargen 19/udp ttytst source
ftp-data 20/tcp
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
time 37/tcp timserver
time 37/udp timserver
whois 43/tcp nicname
domain 53/tcp
domain 53/udp
bootps 67/udp
bootpc 68/udp
tftp 69/udp
gopher 70/tcp
finger 79/tcp
http 80/tcp www
kerberos 88/tcp kerberos5 krb5 kerberos-sec
kerberos 88/udp kerberos5 krb5 kerberos-sec
pop3 110/tcp pop-3
sunrpc 111/tcp portmapper
sunrpc 111/udp portmapper
auth 113/tcp authentication tap ident
nntp 119/tcp readnews untp
ntp 123/udp
imap2 143/tcp imap
snmp 161/tcp
snmp 161/udp
snmp-trap 162/tcp snmptrap
snmp-trap 162/udp snmptrap
bgp 179/tcp
irc 194/tcp
irc 194/udp
ldap 389/tcp
ldap 389/udp
https 443/tcp
https 443/udp
submissions 465/tcp ssmtp smtps urd
isakmp 500/udp
syslog 514/udp
printer 515/tcp spooler
rtsp 554/tcp
rtsp 554/udp
ipp 631/tcp
submission 587/tcp
ldaps 636/tcp
domain-s 853/tcp
domain-s 853/udp
ftps-data 989/tcp
ftps 990/tcp
telnets 992/tcp
imaps 993/tcp
pop3s 995/tcp
socks 1080/tcp
openvpn 1194/udp
ms-sql-s 1433/tcp
radius 1812/udp
nfs 2049/tcp
nfs 2049/udp
git 9418/tcp
mysql 3306/tcp
ms-wbt-server 3389/tcp
iperf3 5201/tcp
iperf3 5201/udp
sip 5060/tcp
sip 5060/udp
sips 5061/tcp
xmpp-client 5222/tcp jabber-client
mdns 5353/udp
postgresql 5432/tcp postgres
redis 6379/tcp
http-alt 8080/tcp webcache
http-alt 8080/udp
`

/**
 * A table of services, as /etc/services has them. Without a text, the usual ones.
 *
 * ```ts
 * services.byName('submission', 'tcp')?.port // 587
 * ```
 */
export class ServiceTable {
  readonly #byName = new Map<string, ServiceEntry>()
  readonly #byPort = new Map<string, ServiceEntry>()

  /** Reads lines of services(5): "http 80/tcp www". Lines that are none are passed over. */
  constructor(text: string = DEFAULT_TEXT) {
    if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
    for (const line of text.split(/\r?\n/)) {
      const [name, where, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/)
      const match = /^(\d{1,5})\/(tcp|udp)$/.exec(where ?? '')
      if (name === undefined || match === null || Number(match[1]) > 65535) continue
      this.#add({ name, aliases, port: Number(match[1]), protocol: match[2] as TransportName })
    }
  }

  #add(entry: ServiceEntry): void {
    const { name, aliases, port, protocol } = entry
    for (const one of [name, ...aliases]) {
      const key = `${one}/${protocol}`
      if (!this.#byName.has(key)) this.#byName.set(key, entry)
    }
    const key = `${port}/${protocol}`
    if (!this.#byPort.has(key)) this.#byPort.set(key, entry)
  }

  /** getservbyname(3): by its name or an alias, of one protocol or, with null, of the first that has it. Null: there is none. */
  byName(name: string, protocol: TransportName | null): ServiceEntry | null {
    if (protocol === null) return this.byName(name, 'tcp') ?? this.byName(name, 'udp')
    return this.#byName.get(`${name}/${protocol}`) ?? null
  }

  /** getservbyport(3), with the port in host order. */
  byPort(port: number, protocol: TransportName | null): ServiceEntry | null {
    if (protocol === null) return this.byPort(port, 'tcp') ?? this.byPort(port, 'udp')
    return this.#byPort.get(`${port}/${protocol}`) ?? null
  }
}

/** The usual services. */
export const services: ServiceTable = /* @__PURE__ */ new ServiceTable()
