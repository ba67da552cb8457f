/** What a demonstration adds up. */
export class Tally {
  /** Sent by both hosts, padding and frame check sequences counted. */
  frames = 0
  octets = 0
  lost = 0
  damaged = 0
  /** TCP segments sent again. */
  retransmitted = 0
}
