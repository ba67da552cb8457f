// Read first: resolv.conf(5), RFC 6761 section 6. The order is that of "hosts: files dns" in nsswitch.conf(5).

import type { IpAddress } from '../../base/ip-address.ts'
import { canonicalName, isDomainName, isWithin } from './domain-name.ts'
import { NXDOMAIN } from './message.ts'
import type { MulticastNames } from './multicast/multicast-names.ts'
import type { FoundHost, LookupWaiting, WantedFamilies } from './name-system.ts'
import type { Names } from './names.ts'
import type { AddressInfoCode } from './netdb.ts'
import type { QueryResult } from './query-result.ts'
import type { Resolver } from './resolver.ts'
import { isTemporary, ResolverError } from './resolver-error.ts'

/** Looks the name of a host up: in the table of hosts, then with name servers under each name of the search list. */
export async function lookupHost(
  names: Names,
  node: string,
  wanted: WantedFamilies,
  waiting: LookupWaiting,
): Promise<FoundHost> {
  if (!isDomainName(canonicalName(node)) || canonicalName(node) === '.') return nothing(node, 'EAI_NONAME')
  const entries = names.hosts.lookup(node)
  const v4 = wanted.v4 ? entries.filter(({ address }) => address.isV4).map(({ address }) => address) : []
  const v6 = wanted.v6 ? entries.filter(({ address }) => !address.isV4).map(({ address }) => address) : []
  if (v4.length + v6.length > 0) {
    return { v4, v6, canonicalName: entries[0]?.canonicalName ?? node, code: null }
  }
  if (names.multicast !== null && isWithin(node, 'local')) return askLink(names.multicast, node, wanted, waiting)
  if (names.system !== null) return names.system.lookup(node, wanted, waiting)
  // What is this host's own is asked of nobody else: RFC 6761 section 6.3 (3).
  if (isWithin(node, 'localhost')) return nothing(node, 'EAI_NODATA')
  if (names.resolver === null) return nothing(node, entries.length > 0 ? 'EAI_NODATA' : 'EAI_NONAME')
  return searchServers(names.resolver, node, wanted, waiting)
}

async function searchServers(
  resolver: Resolver,
  node: string,
  wanted: WantedFamilies,
  waiting: LookupWaiting,
): Promise<FoundHost> {
  let known = false
  let failure: ResolverError | null = null
  for (const name of resolver.candidates(node)) {
    const answers = await askBoth(resolver, name, wanted, waiting)
    const v4 = addressesOf(answers.v4)
    const v6 = addressesOf(answers.v6)
    if (v4.length + v6.length > 0) {
      return { v4, v6, canonicalName: (answers.v4 ?? answers.v6)?.name ?? name, code: null }
    }
    if (answers.failure !== null) {
      failure ??= answers.failure
      // Nobody answers: nobody will for the next name. What a server failed at may be one name's trouble.
      if (isTemporary(answers.failure)) break
    }
    for (const answer of [answers.v4, answers.v6]) if (answer !== null && answer.rcode !== NXDOMAIN) known = true
  }
  if (failure !== null) return { ...nothing(node, addressInfoCode(failure)), cause: failure }
  return nothing(node, known ? 'EAI_NODATA' : 'EAI_NONAME')
}

// RFC 6762 section 3: such names are asked of the link alone.
async function askLink(
  link: MulticastNames,
  node: string,
  wanted: WantedFamilies,
  { signal, patience }: LookupWaiting,
): Promise<FoundHost> {
  const types = [...(wanted.v4 ? ['A'] : []), ...(wanted.v6 ? ['AAAA'] : [])]
  const records = await link.queryAll(node, types, { signal, ...(patience === undefined ? {} : { patience }) })
  const addresses = records.flatMap((record) => (record.kind === 'address' ? record.data : []))
  if (addresses.length === 0) return nothing(node, 'EAI_NONAME')
  const v4 = addresses.filter(({ isV4 }) => isV4)
  const v6 = addresses.filter(({ isV4 }) => !isV4)
  return { v4, v6, ifindex: link.ifindex, canonicalName: canonicalName(node), code: null }
}

interface BothAnswers {
  readonly v4: QueryResult | null
  readonly v6: QueryResult | null
  readonly failure: ResolverError | null
}

// A and AAAA at once: two questions, for no server answers two in one.
async function askBoth(
  resolver: Resolver,
  name: string,
  wanted: WantedFamilies,
  { signal, patience }: LookupWaiting,
): Promise<BothAnswers> {
  let v4: QueryResult | null = null
  let v6: QueryResult | null = null
  let failure: ResolverError | null = null
  const ask = async (type: string): Promise<QueryResult | null> => {
    try {
      return await resolver.query(name, type, { signal })
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error
      failure ??= error
      return null
    }
  }
  const asked = [
    wanted.v4 ? ask('A').then((answer) => (v4 = answer)) : null,
    wanted.v6 ? ask('AAAA').then((answer) => (v6 = answer)) : null,
  ]
  const both = Promise.all(asked)
  if (patience === undefined) await both
  else await Promise.race([both, enough(resolver, asked, patience)])
  // What comes later is kept for whoever asks next.
  return { v4, v6, failure }
}

// RFC 8305 section 3: one family that has addresses waits only so long for the other.
function enough(
  resolver: Resolver,
  asked: readonly (Promise<QueryResult | null> | null)[],
  patience: number,
): Promise<void> {
  const { clock } = resolver.provider
  return new Promise((resolve) => {
    for (const one of asked) {
      one?.then(
        (answer) => {
          if (addressesOf(answer).length > 0) clock.alarm(resolve).set(clock.now() + patience)
        },
        () => {},
      )
    }
  })
}

function addressesOf(answer: QueryResult | null): readonly IpAddress[] {
  return (answer?.records ?? []).flatMap((record) => (record.kind === 'address' ? [record.data] : []))
}

function nothing(canonicalName: string, code: AddressInfoCode): FoundHost {
  return { v4: [], v6: [], canonicalName, code }
}

/** As glibc: what may be different later is EAI_AGAIN. */
export function addressInfoCode(error: ResolverError): AddressInfoCode {
  return isTemporary(error) || error.code === 'ESERVFAIL' ? 'EAI_AGAIN' : 'EAI_FAIL'
}
