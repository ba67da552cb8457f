/** What the caller of the command wrote is wrong: one line says what and what to do instead; the command exits with usageStatus. */
export class UsageError extends Error {}
