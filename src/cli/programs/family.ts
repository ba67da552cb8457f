import { type AddressText, AF_INET, AF_INET6 } from '../../index.ts'

/** The family of sockets that reach an address. */
export function familyOf({ address }: AddressText): number {
  return address.includes(':') ? AF_INET6 : AF_INET
}
