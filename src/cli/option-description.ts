import { Help, type Option } from 'commander'

/** What commander says of an option, but that nothing is the default of those that are gathered. */
export function described(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: \[\]\)$/, '')
}
