/** A module of bench/, which is plain JavaScript. */
// biome-ignore lint/suspicious/noExplicitAny: it has no declarations
export function load(path: string): Promise<any> {
  return import(new URL(`../../bench/${path}`, import.meta.url).href)
}
