import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Namespace, type Running } from './namespace.ts'
import { COMMAND } from './served.ts'

const STORE = fileURLToPath(new URL('./programs/file-store.mjs', import.meta.url))

/** The two families; the router's address on the near link, and its and the far host's on the far link. */
export const ROUTED = [
  { family: 'IPv4', flag: '-4', near: '10.9.1.1', nearRouter: '10.9.1.2', farRouter: '10.9.2.2', far: '10.9.2.1' },
  { family: 'IPv6', flag: '-6', near: 'fd09:1::1', nearRouter: 'fd09:1::2', farRouter: 'fd09:2::2', far: 'fd09:2::1' },
] as const

export interface RoutedOptions {
  /** More of --on, for both links: "offload=off". */
  readonly on?: string
  /** The MTU of the far link. The far host goes on offering segments for 1500. */
  readonly farMtu?: number
  /** More arguments of `jackfield router`. */
  readonly options?: readonly string[]
}

/**
 * Two hosts of the kernel's, each in a namespace of its own, and `jackfield router` between them. It runs in the near one, where it
 * makes both TAPs; the far one is then carried over.
 */
export class Routed {
  readonly near: Namespace
  readonly far: Namespace
  readonly folder: string
  readonly router: Running

  private constructor(near: Namespace, far: Namespace, folder: string, router: Running) {
    this.near = near
    this.far = far
    this.folder = folder
    this.router = router
  }

  static async start({ on, farMtu, options = [] }: RoutedOptions = {}): Promise<Routed> {
    const near = new Namespace()
    const far = new Namespace()
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-routed-'))
    const [v4, v6] = ROUTED
    const more = on === undefined ? '' : `,${on}`
    const mtu = farMtu === undefined ? '' : `,mtu=${farMtu}`
    const router = near.start(COMMAND, [
      'router',
      ...['--on', `tap:jf0,${v4.nearRouter}/24,${v6.nearRouter}/64,dad=off${more}`],
      ...['--on', `tap:jf1,${v4.farRouter}/24,${v6.farRouter}/64,dad=off${mtu}${more}`],
      ...options,
    ])
    const routed = new Routed(near, far, folder, router)
    try {
      await router.saying(/^ready$/m)
      near.ip('link', 'set', 'jf1', 'netns', far.name)
      near.configure('jf0', [`${v4.near}/24`, `${v6.near}/64`])
      far.configure('jf1', [`${v4.far}/24`, `${v6.far}/64`])
      for (const { nearRouter, farRouter, flag } of ROUTED) {
        // In place of what the router may have advertised meanwhile.
        near.ip(flag, 'route', 'replace', 'default', 'via', nearRouter)
        const offered = flag === '-4' ? 1460 : 1440
        far.ip(flag, 'route', 'replace', 'default', 'via', farRouter, 'advmss', String(offered))
      }
    } catch (error) {
      await routed.close()
      throw error
    }
    return routed
  }

  /** A web server at the far host, for the files of `folder`. */
  async store(port: number): Promise<void> {
    await this.far.start(process.execPath, [STORE, String(port), this.folder]).saying('ready')
  }

  async close(): Promise<void> {
    await this.near.close()
    await this.far.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
