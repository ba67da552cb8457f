import { IpAddress } from '../../base/ip-address.ts'
import { wordMask } from '../../base/prefix.ts'

/** The first `length` bits of an IPv6 address, all others zero: what comes behind a prefix says nothing. */
export function maskedPrefix({ a, b, c, d }: IpAddress, length: number): IpAddress {
  return new IpAddress(
    a & wordMask(length),
    b & wordMask(length - 32),
    c & wordMask(length - 64),
    d & wordMask(length - 96),
  )
}
