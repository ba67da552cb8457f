/** What links lead to: a host, or a switch. */
export interface Node {
  readonly name: string
  readonly kind: 'host' | 'switch'
}
