import type { OptionFormat } from './option-format.ts'
import { optionEntry } from './option-table.ts'
import { decodeOption, encodeOption, OPTION_LENGTH } from './option-values.ts'

/** All options that have a name here, with all structs: docs/reference/options.md. */
export const ALL_OPTIONS: OptionFormat = {
  encode(level, name, value) {
    const { constant, kind } = optionEntry(level, name)
    return encodeOption(constant, kind, value)
  },
  decode: (level, name, bytes, length) => decodeOption(optionEntry(level, name).kind, bytes, length),
  room: (level, name) => OPTION_LENGTH[optionEntry(level, name).kind],
}
