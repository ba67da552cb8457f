const advice: Record<string, string> = {
  ENOSPC: 'make room, or name a file elsewhere',
  EDQUOT: 'make room, or name a file elsewhere',
  EFBIG: 'name a file elsewhere',
}

/** Why a file cannot be written and what to do about it, from what Node says of it. */
export function fileFailure(path: string, error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  const remedy = advice[code] ?? 'name a file in a folder that exists and that you may write to'
  return `${JSON.stringify(path)} cannot be written, ${writeReason(error)}: ${remedy}`
}

/** Why something cannot be written, in words, from what Node says of it. */
export function writeReason(error: unknown): string {
  const { message } = error as NodeJS.ErrnoException
  // "ENOENT: no such file or directory, open '/no/such/file'", "ENOSPC: no space left on device, write"
  return /^[A-Z0-9]+: (.*?), /.exec(message)?.[1] ?? message
}
