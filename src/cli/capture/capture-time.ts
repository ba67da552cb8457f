// Read first: tcpdump(1) on -t.

/** -t, counted: the time of day, none, seconds since 1970, since the packet before, date and time, since the first. */
export class CaptureTime {
  readonly #style: number
  #first: number | null = null
  #before: number | null = null

  constructor(style: number) {
    this.#style = style
  }

  /** What stands in front of a packet of `at`, in milliseconds since 1970, with the blank behind it. */
  text(at: number): string {
    const micros = Math.round(at * 1000)
    this.#first ??= micros
    const before = this.#before ?? micros
    this.#before = micros
    switch (this.#style) {
      case 0:
        return `${timeOfDay(micros)} `
      case 1:
        return ''
      case 2:
        return `${Math.floor(micros / 1e6)}.${digits(micros % 1e6, 6)} `
      case 3:
        return `${duration(micros - before)} `
      case 4:
        return `${date(micros)} ${timeOfDay(micros)} `
      default:
        return `${duration(micros - this.#first)} `
    }
  }
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}

/** "10:20:30.123456", of the day here. */
function timeOfDay(micros: number): string {
  const at = new Date(micros / 1000)
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()].map((value) => digits(value, 2))
  return `${parts.join(':')}.${digits(micros % 1e6, 6)}`
}

function date(micros: number): string {
  const at = new Date(micros / 1000)
  return `${at.getFullYear()}-${digits(at.getMonth() + 1, 2)}-${digits(at.getDate(), 2)}`
}

/** "00:00:01.000002"; packets of two clocks may be in the wrong order: then with a minus. */
function duration(micros: number): string {
  const whole = Math.abs(micros)
  const seconds = Math.floor(whole / 1e6)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${micros < 0 ? '-' : ' '}${parts.map((value) => digits(value, 2)).join(':')}.${digits(whole % 1e6, 6)}`
}
