// In place of names of the link: a host of the lab knows all names by its table.

export const isLinkName = (): boolean => false

export function withLinkNames(): never {
  throw new Error('names of the link are asked for by dig alone')
}
