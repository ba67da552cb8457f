/** How often it is drawn, in milliseconds. */
const STEP = 200

/** A line on a terminal that tells how far a file has come. */
export class FetchProgress {
  readonly #startedAt = performance.now()
  #drawnAt = 0
  #drawn = false
  #taken = 0
  #total: number | null = null

  /** How long it is to be, where that is known. */
  set total(octets: number | null) {
    this.#total = octets
  }

  took(octets: number): void {
    this.#taken += octets
    const now = performance.now()
    if (now - this.#drawnAt < STEP) return
    this.#drawnAt = now
    this.#draw(now)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K')
  }

  #draw(now: number): void {
    this.#drawn = true
    const speed = this.#taken / Math.max(0.001, (now - this.#startedAt) / 1000)
    process.stderr.write(`\r${progressText(this.#taken, this.#total, speed)}\x1b[K`)
  }
}

/** " 45%  12.3M of 27.0M  3.1M/s  0:04 left", or "12.3M  3.1M/s" where the end is not known. */
export function progressText(taken: number, total: number | null, speed: number): string {
  const rate = `${amount(speed)}/s`
  if (total === null || total === 0) return `${amount(taken)}  ${rate}`
  const share = `${String(Math.floor((taken / total) * 100)).padStart(3)}%`
  const left = Math.ceil(Math.max(0, total - taken) / Math.max(1, speed))
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
  return `${share}  ${amount(taken)} of ${amount(total)}  ${rate}  ${time} left`
}

function amount(octets: number): string {
  const units = ['', 'k', 'M', 'G', 'T']
  let value = octets
  let i = 0
  for (; value >= 1000 && i < units.length - 1; i++) value /= 1024
  return `${i === 0 ? Math.round(value) : value.toFixed(1)}${units[i]}`
}
