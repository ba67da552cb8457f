// Read first: curl(1), ENVIRONMENT, and on -x and --noproxy.

import type { ProxyServer } from '../proxy/proxy.ts'
import { parseUnproxiedHosts, type UnproxiedHosts } from '../proxy/unproxied-hosts.ts'
import { parseProxy, withoutUser } from './fetch-proxy.ts'

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is known of proxies before there is a URL. */
export interface ProxyWish {
  /** -x; undefined: the environment says. */
  readonly proxy: ProxyServer | 'none' | undefined
  /** -U, for a proxy that says nothing of a user. */
  readonly user?: string | undefined
  /** --noproxy; undefined: the environment says. */
  readonly unproxied?: UnproxiedHosts | undefined
  /** Without anything in it for a stack, whose network is not the one that the environment tells of. */
  readonly environment: Environment
  /** Told in words what of the environment is used. */
  readonly verbose: (line: string) => void
}

/** The proxy for `url`; undefined: none. Throws a UsageError for a variable that is wrong. */
export function chosenProxy(url: URL, wish: ProxyWish): ProxyServer | undefined {
  if (wish.proxy === 'none') return undefined
  const unproxied = wish.unproxied ?? unproxiedByEnvironment(wish)
  if (unproxied(url.hostname)) return undefined
  const proxy = wish.proxy ?? proxyOfEnvironment(url, wish)
  if (proxy === undefined || proxy === 'none') return undefined
  return { ...proxy, user: proxy.user || (wish.user ?? '') }
}

/** Whether any URL may have a proxy by the environment. */
export function namesProxy(environment: Environment): boolean {
  return given(environment, [...variables('http:'), ...variables('https:')]) !== null
}

function proxyOfEnvironment({ protocol }: URL, { environment, verbose }: ProxyWish): ProxyServer | 'none' | undefined {
  const found = given(environment, variables(protocol))
  if (found === null) return undefined
  const [name, value] = found
  verbose(`* Uses proxy env variable ${name} == '${withoutUser(value)}'`)
  return parseProxy(value, name)
}

function unproxiedByEnvironment({ environment, verbose }: ProxyWish): UnproxiedHosts {
  const found = given(environment, ['no_proxy', 'NO_PROXY'])
  if (found === null) return () => false
  const [name, value] = found
  verbose(`* Uses proxy env variable ${name} == '${value}'`)
  return parseUnproxiedHosts(value, name)
}

/** Who calls a CGI program sets HTTP_PROXY there, by a header "Proxy": that one is asked in lower case alone. */
function variables(protocol: string): readonly string[] {
  const own = protocol === 'http:' ? ['http_proxy'] : ['https_proxy', 'HTTPS_PROXY']
  return [...own, 'all_proxy', 'ALL_PROXY']
}

/** The first that is there; an empty one is not. */
function given(environment: Environment, names: readonly string[]): readonly [string, string] | null {
  for (const name of names) {
    const value = environment[name] ?? ''
    if (value !== '') return [name, value]
  }
  return null
}
