import type { IpAddress } from '../../base/ip-address.ts'
import { AddressMap, AddressMapEntry } from '../ip/address-map.ts'
import type { SourceFilter } from './source-filter.ts'

class FilteredSource extends AddressMapEntry {
  override readonly address: IpAddress

  constructor(address: IpAddress) {
    super()
    this.address = address.copy()
  }
}

/** A socket, or the stack itself, as a member of one group on one interface: RFC 3376 section 3.1. */
export class GroupMember {
  readonly include: boolean
  /** Without repetitions. */
  readonly sources: AddressMap<FilteredSource>

  constructor(filter: SourceFilter, key: number) {
    this.include = filter.include
    this.sources = new AddressMap(key)
    for (const address of filter.sources) {
      if (this.sources.get(address) === null) this.sources.add(new FilteredSource(address))
    }
  }

  hears(source: IpAddress): boolean {
    return (this.sources.get(source) !== null) === this.include
  }

  get filter(): SourceFilter {
    const sources: IpAddress[] = []
    this.sources.forEach((entry) => {
      sources.push(entry.address)
    })
    return { include: this.include, sources }
  }
}
