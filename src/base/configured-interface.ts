/** How long the prefix is, and where it goes. */
export interface ConfiguredRoute {
  /** "10.0.0.0/8"; "default" */
  readonly to: string
  /** The gateway; null: destinations are on the link. */
  readonly via: string | null
}

/**
 * An interface, to those who learn from the network how it is to be configured: they need not know whose it is. Addresses are texts with
 * the length of their prefix, "192.0.2.5/24".
 */
export interface ConfiguredInterface {
  readonly name: string
  /** Six octets. */
  readonly hardwareAddress: Uint8Array
  /** Octets of the longest packet, as long as nobody sets less. */
  readonly mtu: number
  /** Gives it the address. */
  addAddress(address: string): void
  /** The same, if no other host on the link has it (RFC 5227, RFC 4862 section 5.4): resolves, seconds later, to whether it is ours now. */
  claimAddress(address: string): Promise<boolean>
  /** Whether an address of IPv6 that it was given begins nothing new any more (RFC 4862 section 5.5.4). */
  deprecateAddress(address: string, deprecated: boolean): void
  removeAddress(address: string): void
  addRoute(route: ConfiguredRoute): void
  removeRoute(route: ConfiguredRoute): void
  setMtu(mtu: number): void
}
