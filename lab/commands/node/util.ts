/** An error with where it comes from. */
export function inspect(value: unknown): string {
  return value instanceof Error ? (value.stack ?? value.message) : String(value)
}
