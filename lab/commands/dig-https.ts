// In place of dig's HTTPS, which needs TLS.

import { UsageError } from '../../src/cli/usage-error.ts'

export function httpsUrl(): never {
  throw new UsageError('+https needs TLS, and a host of the lab has none; leave it out')
}

export const httpsFetch = httpsUrl
