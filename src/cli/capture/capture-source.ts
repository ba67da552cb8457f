import type { CaptureDirection } from '../../device/capture.ts'

/** Where packets come from: a stack that is made for it, the stacks of a program that runs, or the machine. */
export interface CaptureSource {
  /** What a window is headed with: "jf0". */
  readonly name: string
  /** What is listened on, for people: "jf0, link-type EN10MB (Ethernet)". */
  readonly description: string
  /** What else there is to say of it; ''. */
  readonly remark: string
  /** Resolves when nothing comes any more, with a line that says why; rejects where it cannot go on. */
  readonly over: Promise<string>
  /** Packets that did not come, since what came before was read too slowly. */
  readonly lost: number
  close(): Promise<void>
}

/** An interface at which packets are captured. A Device is one. */
export interface CapturedLink {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly hardwareAddress: Uint8Array | null
}

/** As tcpdump and Wireshark call it. */
export function linkTypeText(medium: CapturedLink['medium']): string {
  return medium === 'ethernet' ? 'link-type EN10MB (Ethernet)' : 'link-type RAW (Raw IP)'
}

/** At which interface a packet passed, and which way, as `tcpdump -i any` has it in front: "eth0  Out ". */
export function placeText(name: string, direction: CaptureDirection): string {
  return `${name.padEnd(5)} ${direction === 'in' ? 'In ' : 'Out'} `
}

/** What programs and files call an interface is anything; what is printed is a line. */
export function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals would obey.
  return name.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '?')
}

/** What -i is for all interfaces there are. */
export const ANY = 'any'

/** Whether -i means an interface: "eth0" is "server.eth0" too, of whichever program. */
export function isCalled(name: string, wanted: string): boolean {
  return name === wanted || name.endsWith(`.${wanted}`)
}
