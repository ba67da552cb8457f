// What a run tells whoever watches it. Instants are milliseconds since it began; numbers are places in what was told before.

export type FrameKind = 'arp' | 'icmp' | 'tcp' | 'udp' | 'other'

/** A frame that left an end of a link. */
export interface FrameEvent {
  /** Frames are counted from 1 on. */
  readonly number: number
  readonly at: number
  /** The link's place in the scenario, and which of its ends the frame left. */
  readonly link: number
  readonly end: 0 | 1
  readonly length: number
  readonly kind: FrameKind
  /** As tcpdump would print it. */
  readonly text: string
  /** The call that caused it, by its place among calls; −1: none did. */
  readonly cause: number
  /** "10.0.1.1:4242 10.0.1.2:80": whose it is; '' where it has no ends. */
  readonly flow: string
}

/** What becomes of a frame. A duplicate arrives again, by the number of its frame. */
export type FateEvent =
  | { readonly number: number; readonly fate: 'leaves'; readonly leftAt: number; readonly dueAt: number }
  | { readonly number: number; readonly fate: 'arrives'; readonly at: number }
  | { readonly number: number; readonly fate: 'damaged'; readonly at: number }
  | { readonly number: number; readonly fate: 'lost'; readonly at: number; readonly why: string }

/** A call of a program, as strace would print it. */
export interface CallEvent {
  readonly at: number
  readonly host: string
  readonly program: string
  readonly text: string
}

/** What a program printed, or how it ended. */
export interface OutputEvent {
  readonly at: number
  readonly host: string
  readonly program: string
  readonly kind: 'out' | 'error' | 'started' | 'ended' | 'failed' | 'stopped'
  readonly text: string
  /** Where in the program; 0: not known. */
  readonly line: number
}

/** A connection went from a state to another. */
export interface StateEvent {
  readonly at: number
  readonly host: string
  /** "10.0.1.1:4242 10.0.1.2:80", this host's end first. */
  readonly ends: string
  readonly from: string
  readonly to: string
}

/** What is true of a connection, told when it has changed. Sequence numbers count from the first, windows are in octets. */
export interface SampleEvent {
  readonly at: number
  readonly host: string
  readonly ends: string
  readonly sndUna: number
  readonly sndNxt: number
  readonly sndWnd: number
  readonly rcvNxt: number
  readonly rcvWnd: number
  readonly cwnd: number
  /** −1: there is none yet. */
  readonly ssthresh: number
  /** Milliseconds. */
  readonly srtt: number
  readonly rto: number
  /** Where congestion control stands: 'open', 'disorder', 'cwr', 'recovery' or 'loss'. */
  readonly recovery: string
}

export interface RunEvents {
  readonly frames: FrameEvent[]
  readonly fates: FateEvent[]
  readonly calls: CallEvent[]
  readonly output: OutputEvent[]
  readonly states: StateEvent[]
  readonly samples: SampleEvent[]
}

export function noEvents(): RunEvents {
  return { frames: [], fates: [], calls: [], output: [], states: [], samples: [] }
}
