/** Linux's net.core.rmem_default and wmem_default. */
const BUFFER_DEFAULT = 212_992
const TTL_DEFAULT = 64

/**
 * What a socket has of options that are numbers, and hands on to those that it accepts. All sockets that have set none share one object, and
 * accepted ones their listener's: a million of them would else hold the same six numbers a million times.
 */
export class EndpointOptions {
  sendBufferSize: number
  receiveBufferSize: number
  ttl: number = TTL_DEFAULT
  tos = 0
  /** IPV6_UNICAST_HOPS; −1: the interface's. */
  hopLimit = -1
  trafficClass = 0
  /** Several have it: who changes something makes a copy first. */
  shared = true

  constructor(sendBufferSize: number = BUFFER_DEFAULT, receiveBufferSize: number = BUFFER_DEFAULT) {
    this.sendBufferSize = sendBufferSize
    this.receiveBufferSize = receiveBufferSize
  }

  /** A copy for one alone. */
  copy(): EndpointOptions {
    const copy = new EndpointOptions(this.sendBufferSize, this.receiveBufferSize)
    copy.ttl = this.ttl
    copy.tos = this.tos
    copy.hopLimit = this.hopLimit
    copy.trafficClass = this.trafficClass
    copy.shared = false
    return copy
  }
}

/** Of a socket that has set nothing. */
export const DEFAULT_OPTIONS: EndpointOptions = new EndpointOptions()
