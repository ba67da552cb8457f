/** "12.345678 s" */
export function timeText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(6)} s`
}
