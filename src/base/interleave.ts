/** RFC 8305 section 4: families in turn, beginning with that of the first address. */
export function interleave<A extends { readonly family: number }>(addresses: readonly A[]): A[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family)
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family)
  const mixed: A[] = []
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    for (const address of [first[i], second[i]]) if (address !== undefined) mixed.push(address)
  }
  return mixed
}
