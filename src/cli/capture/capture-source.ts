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

/** What -i is for all interfaces there are. */
export const ANY = 'any'
