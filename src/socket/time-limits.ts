/** How long a wait may take is not known: the endpoint must be asked. */
export const UNKNOWN = -1

/** How long calls of a socket wait, in milliseconds. Never changed: a socket that sets one gets another, the others share theirs. */
export class TimeLimits {
  /** SO_RCVTIMEO and SO_SNDTIMEO; 0: no limit. */
  readonly receive: number
  readonly send: number
  /** SO_LINGER's time; 0 where it is off. */
  readonly linger: number

  constructor(receive: number, send: number, linger: number) {
    this.receive = receive
    this.send = send
    this.linger = linger
  }
}

/** Of a socket that has set none; of one that came from elsewhere; of a Unix socket that did, which never lingers. */
export const NO_LIMITS: TimeLimits = new TimeLimits(0, 0, 0)
export const UNKNOWN_LIMITS: TimeLimits = new TimeLimits(UNKNOWN, UNKNOWN, UNKNOWN)
export const UNKNOWN_TIMES: TimeLimits = new TimeLimits(UNKNOWN, UNKNOWN, 0)
