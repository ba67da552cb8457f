/** See chromium.mjs. */
export function findChromium(): string | null

export class Page {
  static open(path: string): Promise<Page>
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}
