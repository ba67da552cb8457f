import type { IpAddress } from './ip-address.ts'

/** "10.0.1.1:80", "[fd00::1]:80" */
export function endText(address: string, port: number | string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Both ends of a connection, or of what will be one. */
interface Ends {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
}

/** As `endsText`, of what has its ends. */
export function endsOf({ local, localPort, remote, remotePort }: Ends): string {
  return endsText(local.toString(), localPort, remote.toString(), remotePort)
}

/** "10.0.1.1:4242 10.0.1.2:80": whose connection it is, the local end first. */
export function endsText(local: string, localPort: number, remote: string, remotePort: number): string {
  return `${endText(local, localPort)} ${endText(remote, remotePort)}`
}
