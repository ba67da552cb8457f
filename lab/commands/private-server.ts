// In place of what answers netstat of other programs: on a host of the lab nobody does.

export const LONGEST_PATH = 107
