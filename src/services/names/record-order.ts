// Read first: RFC 2782 ("Usage rules"), RFC 5321 section 5.1, RFC 7505.

import { type Random, randomBelow } from '../../base/random.ts'
import type { MxRecord, ResourceRecord, SrvRecord } from './message.ts'

/** A host that has a service. */
export type ServiceTarget = SrvRecord['data']
/** A host that takes mail. */
export type MailExchanger = MxRecord['data']

/**
 * The hosts of SRV records in the order in which they are to be tried: by priority, and among those of one priority at random, each as
 * often in front as its weight says. None, where the service is said not to be there (a target of ".").
 */
export function orderServices(records: readonly ResourceRecord[], random: Random): ServiceTarget[] {
  const targets = records.flatMap((record) => (record.kind === 'srv' && record.data.target !== '.' ? record.data : []))
  const priorities = [...new Set(targets.map(({ priority }) => priority))].sort((a, b) => a - b)
  return priorities.flatMap((priority) =>
    byWeight(
      targets.filter((target) => target.priority === priority),
      random,
    ),
  )
}

function byWeight(targets: readonly ServiceTarget[], random: Random): ServiceTarget[] {
  // Those without weight in front: so they have a small chance of being chosen before others.
  const left = [...targets].sort((a, b) => a.weight - b.weight)
  const ordered: ServiceTarget[] = []
  while (left.length > 0) {
    const chosen = randomBelow(random, left.reduce((sum, { weight }) => sum + weight, 0) + 1)
    let sum = 0
    const at = left.findIndex(({ weight }) => {
      sum += weight
      return sum >= chosen
    })
    ordered.push(...left.splice(at, 1))
  }
  return ordered
}

/** The hosts of MX records, the preferred ones first, those of one preference in any order. None, where no mail is taken (RFC 7505). */
export function orderExchangers(records: readonly ResourceRecord[], random: Random): MailExchanger[] {
  return records
    .flatMap((record) => (record.kind === 'mx' && record.data.exchange !== '.' ? record.data : []))
    .map((data) => ({ data, lot: random.int32() }))
    .sort((a, b) => a.data.preference - b.data.preference || a.lot - b.lot)
    .map(({ data }) => data)
}
