/** "10.0.1.1:80", "[fd00::1]:80" */
export function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** "10.0.1.1:4242 10.0.1.2:80": whose connection it is, the local end first. */
export function endsText(local: string, localPort: number, remote: string, remotePort: number): string {
  return `${endText(local, localPort)} ${endText(remote, remotePort)}`
}
