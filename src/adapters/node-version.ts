// The Node that runs this. What the drop-ins do is what its own modules would do, and these have changed in details.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** Whether this is Node `wantedMajor.wantedMinor` or a newer one. */
export function nodeAtLeast(wantedMajor: number, wantedMinor = 0): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
