import { DEFAULT_TCP_CONFIG, type TcpConfig } from './config.ts'

/**
 * Whose choices TCP makes where it has some. 'linux': those of Linux, all of them. 'default': the same, but where an RFC says MUST and
 * Linux does not.
 */
export type TcpProfile = 'default' | 'linux'

export const TCP_PROFILES: readonly TcpProfile[] = ['default', 'linux']

const LINUX: TcpConfig = {
  ...DEFAULT_TCP_CONFIG,
  // We differ: RFC 9293 MUST-23 wants SYNs repeated for three minutes. Six retransmissions of Linux end after 127 seconds.
  synRetries: 6,
  // RFC 9293 section 3.9.2.2, MUST-56: a soft error does not end a connection.
  softErrorsEndAttempts: true,
  // RFC 6298 section 5.5 MUST: the wait doubles with every time-out. Linux repeats a SYN four times at intervals of a second first.
  synLinearTimeouts: 4,
  // Linux keeps to its loopback since other hosts' clocks cannot be known. RFC 6191 has no such reserve.
  timeWaitReuse: 2,
  halveWindow: true,
  // We differ: RFC 7323 section 3.2, a SHOULD, drops a segment without timestamps where they were agreed on.
  timestampsRequired: false,
  // We differ: RFC 5681 section 4.3, a MUST, takes the loss of a retransmission for a second sign of congestion. With RACK it is
  // seldom one.
  lostRetransmissionReduces: false,
}

/** The choices of a profile. */
export function tcpProfile(profile: TcpProfile): TcpConfig {
  return profile === 'linux' ? LINUX : DEFAULT_TCP_CONFIG
}
