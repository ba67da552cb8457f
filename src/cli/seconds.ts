import { InvalidArgumentError } from 'commander'

/** For commander: reads an option that is a time in seconds, as milliseconds. */
export function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || value > 86_400) {
    throw new InvalidArgumentError('It must be a number of seconds, at most 86400.')
  }
  return value * 1000
}
