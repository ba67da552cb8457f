import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { DIRECTION_OUTBOUND, LINKTYPE_ETHERNET, PcapngWriter } from '../../wire/pcapng.ts'
import { type CapturedFile, readPcapng } from '../../wire/pcapng-reader.ts'
import { fileFailure } from '../file-failure.ts'
import { wrongChecksums } from './demo-frame.ts'

/** The links of the demonstration, in the order in which its network attaches them. */
const LINKS = ['client.eth0', 'second.eth0', 'router.eth0', 'router.eth1', 'server.eth0']

/** The capture of a demonstration: what each link's host sent, once, with a comment where the cable lost it. */
export class DemoCapture {
  readonly path: string
  /** Why there is no file; ''. */
  failure = ''
  readonly #required: boolean
  #fd = -1
  readonly #writer: PcapngWriter
  readonly #interfaces: readonly number[]
  readonly #blocks: Uint8Array[] = []
  /** What was written can be read again: it went to no pipe or device. */
  #readable = false
  /** Frames so far. */
  frames = 0
  /** Milliseconds since 1970 at which the clock that frames are added by stood at 0. */
  epoch: number

  /**
   * Creates the file, so that a path that cannot be written is known before anything happens. Where the file is `required` that
   * is an error; otherwise `failure` tells, and the capture is kept in memory alone.
   */
  constructor(path: string, epoch: number, required: boolean) {
    this.path = path
    this.#required = required
    this.#attempt(() => {
      this.#fd = openSync(path, 'w')
      this.#readable = fstatSync(this.#fd).isFile()
    })
    this.epoch = epoch
    this.#writer = new PcapngWriter((bytes) => this.#blocks.push(bytes.slice()), { comment: 'jackfield demo' })
    this.#interfaces = LINKS.map((name) => this.#interface(name))
  }

  #interface(name: string): number {
    return this.#writer.addInterface({ linkType: LINKTYPE_ETHERNET, name, description: `what ${name} sent` })
  }

  /** Adds a frame that the link number `link` sent. */
  add(link: number, at: number, bytes: Uint8Array, start: number, end: number, comment: string): void {
    this.frames++
    const time = this.epoch + at
    const text = comment === '' ? undefined : comment
    this.#writer.packet(this.#interfaces[link] as number, time, DIRECTION_OUTBOUND, bytes, start, end, text)
  }

  /** Writes the file. */
  close(): void {
    if (this.#fd < 0) return
    this.#attempt(() => {
      for (const block of this.#blocks) for (let at = 0; at < block.length; ) at += writeSync(this.#fd, block, at)
    })
    closeSync(this.#fd)
  }

  /** Reads the file that was written, as anybody would; without one, what would be in it. */
  read(): CapturedFile {
    const there = this.failure === '' && this.#readable
    return readPcapng(there ? readFileSync(this.path) : Buffer.concat(this.#blocks))
  }

  #attempt(write: () => void): void {
    try {
      write()
    } catch (error) {
      const failure = fileFailure(this.path, error)
      if (this.#required) throw new Error(`--capture ${failure}`)
      this.failure = failure
    }
  }
}

/** What is wrong with the frames from `first` up to `end` of a capture: ''; or what it is, in words. */
export function captureFault(file: CapturedFile, first: number, end: number): string {
  if (file.truncated) return 'the capture cannot be read to its end'
  if (file.packets.length < end || first === end) return `the capture lacks frames: it has ${file.packets.length}`
  for (const [i, { bytes, originalLength }] of file.packets.slice(first, end).entries()) {
    if (bytes.length !== originalLength) return `frame ${first + i + 1} of the capture is cut off`
    const wrong = wrongChecksums(bytes)[0]
    if (wrong !== undefined) return `frame ${first + i + 1} of the capture has a wrong checksum: ${wrong}`
  }
  return ''
}
