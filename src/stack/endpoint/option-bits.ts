// Bits of `StackEndpoint.optionBits`: options that are on or off.
export const OPTION_REUSEADDR = 1
export const OPTION_REUSEPORT = 1 << 1
export const OPTION_BROADCAST = 1 << 2
export const OPTION_KEEPALIVE = 1 << 3
export const OPTION_OOBINLINE = 1 << 4
export const OPTION_LINGER = 1 << 5
export const OPTION_DEBUG = 1 << 6
export const OPTION_DONTROUTE = 1 << 7
export const OPTION_RECVTTL = 1 << 9
export const OPTION_RECVTOS = 1 << 10
export const OPTION_RECVOPTS = 1 << 11
export const OPTION_PKTINFO = 1 << 12
export const OPTION_RECVERR = 1 << 13
export const OPTION_HDRINCL = 1 << 14
