import { IpAddress } from '../../base/ip-address.ts'
import { UsageError } from '../usage-error.ts'

/**
 * Gives `take` each part of "FIRST,key=value,word": what has no "=" has the key ''. Throws a UsageError with the `syntax` for what it does
 * not take; `whole` is what was written.
 */
export function eachSetting(
  text: string | null,
  whole: string,
  syntax: string,
  take: (key: string, value: string, first: boolean) => boolean,
): void {
  if (text === null) return
  text.split(',').forEach((given, i) => {
    const part = given.trim()
    const at = part.indexOf('=')
    if (take(part.slice(0, Math.max(0, at)), part.slice(at + 1), i === 0)) return
    throw new UsageError(`${JSON.stringify(whole)} has ${JSON.stringify(part)}; write ${syntax}`)
  })
}

export function readNumber(text: string, key: string, whole: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`${JSON.stringify(whole)} has ${key}=${text}; write a whole number`)
}

export function readAddress6(text: string, key: string, whole: string): string {
  if (IpAddress.parse(text)?.isV4 === false) return text
  throw new UsageError(
    `${JSON.stringify(whole)} has ${key}=${text}; write an IPv6 address, such as ${key}=2001:db8:1::1`,
  )
}
