/** A device between a host and its cable, through which frames come in that nobody on the cable has sent. */
export class Tapped {
  constructor(inner) {
    this.inner = inner
    /** Called with each frame that the host sends, as `(bytes, start, end)`. */
    this.watcher = null
    for (const key of ['name', 'medium', 'mtu', 'hardwareAddress', 'headroom', 'features']) this[key] = inner[key]
  }

  attach(receiver, clock) {
    this.receiver = receiver
    this.inner.attach(receiver, clock)
  }

  transmit(bytes, start, end, offload) {
    this.watcher?.(bytes, start, end)
    return this.inner.transmit(bytes, start, end, offload)
  }

  close() {
    this.inner.close()
  }

  inject(frame) {
    this.receiver.receive(frame, 0, frame.length, { checksum: 0, segment: 0, segmentSize: 0 })
  }

  flush() {
    this.receiver.flush()
  }
}
