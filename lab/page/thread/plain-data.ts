/**
 * Whether a message is made of texts, numbers, lists and plain objects alone, as the engine's are. A structured clone may hold more: an object
 * whose constructor is undefined is taken for an element by Preact, and would be drawn as one where a text is meant.
 */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isPlain)
  if (ArrayBuffer.isView(value)) return true
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key in value) if (key === 'constructor' || !isPlain((value as Record<string, unknown>)[key])) return false
  return true
}
