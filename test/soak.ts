/** Whether quantities are those of a soak (`npm run soak`). */
export const SOAKING: boolean = process.env['JACKFIELD_SOAK'] === '1'

/**
 * How much of something a test takes: `usual` is enough to see the behaviour, and what `npm test` takes; `soak` is what shows rare
 * faults and slow leaks. Titles tell which it was.
 */
export function amount(usual: number, soak: number): number {
  return SOAKING ? soak : usual
}
