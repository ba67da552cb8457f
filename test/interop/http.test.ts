import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { amount } from '../soak.ts'
import { describeNetwork } from './requirements.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'
import { FAMILIES, Served, type ServedOptions, STACK, STACK6 } from './served.ts'

const MEGABYTE = 1_000_000
const HTTP: ServedOptions = { services: ['http=FOLDER'] }

/** In megabytes: what goes over a good link at its speed, and over one that is slower. */
const LARGE = amount(8, 200)
const SMALL = amount(2, 20)
const CURLS = amount(16, 200)

/** Fetches a file of `size` octets with curl, and uploads it again; both must arrive as they were. */
async function thereAndBack(served: Served, size: number, within = 50_000, host: string = STACK): Promise<void> {
  const { folder } = served
  const hash = writeSeededFile(join(folder, 'down'), size)
  const url = `http://${host}`
  const down = await served.run('curl', ['-sS', '-f', '-o', join(folder, 'fetched'), `${url}/down`], { within })
  expect(down).toMatchObject({ status: 0, stderr: '' })
  expect(await fileHash(join(folder, 'fetched'))).toBe(hash)
  const up = await served.run('curl', ['-sS', '-f', '-T', join(folder, 'down'), `${url}/up`], { within })
  expect(up).toMatchObject({ status: 0, stderr: '' })
  expect(await fileHash(join(folder, 'up'))).toBe(hash)
  for (const name of ['down', 'fetched', 'up']) rmSync(join(folder, name))
}

/** CURLS curls, each of which must get the same file of `size` octets. */
async function allAtOnce(served: Served, size: number, within: number, host: string = STACK): Promise<void> {
  const hash = writeSeededFile(join(served.folder, 'file'), size)
  const { status, stdout } = await served.shell(
    `for i in {1..${CURLS}}; do curl -sS -f -g http://${host}/file | sha256sum & done; wait`,
    { within },
  )
  expect(status).toBe(0)
  expect(stdout.trim().split('\n')).toEqual(new Array(CURLS).fill(`${hash}  -`))
}

describeNetwork('curl and the http service', ['curl', 'sysctl'], () => {
  describe.each(['tap', 'tun'] as const)('over %s', (kind) => {
    let served: Served

    beforeAll(async () => {
      served = await Served.start({ ...HTTP, kind })
    })

    afterAll(() => served?.close())

    test.each(FAMILIES)(`and $family, ${LARGE} MB down and up are intact`, async ({ url }) => {
      await thereAndBack(served, LARGE * MEGABYTE, 30_000, url)
    })
  })

  test(`without offloads ${SMALL} MB down and up are intact over both families`, async () => {
    const served = await Served.start({ ...HTTP, on: 'offload=off' })
    try {
      for (const { url } of FAMILIES) await thereAndBack(served, SMALL * MEGABYTE, 30_000, url)
    } finally {
      await served.close()
    }
  })

  test(`with an MTU of 9000 ${SMALL} MB down and up are intact over both families`, async () => {
    const served = await Served.start({ ...HTTP, on: 'mtu=9000,offload=off', link: ['mtu', '9000'] })
    try {
      for (const { url } of FAMILIES) await thereAndBack(served, SMALL * MEGABYTE, 30_000, url)
    } finally {
      await served.close()
    }
  })

  test(`${CURLS} curls at once each get their file, and the server ends with 0 when it is told to`, async () => {
    const served = await Served.start(HTTP)
    try {
      for (const { url } of FAMILIES) await allAtOnce(served, 100_000, 50_000, url)
      const end = await served.stop()
      expect(end).toMatchObject({ status: 0, stderr: '' })
    } finally {
      await served.close()
    }
  })

  test('ranges, conditions and refusals through curl', async () => {
    const served = await Served.start(HTTP)
    try {
      const { folder } = served
      writeSeededFile(join(folder, 'file'), 100_000)
      const status = async (...args: string[]) => {
        const { stdout } = await served.run('curl', [
          '-s',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code} %{size_download}',
          ...args,
        ])
        return stdout
      }
      const url = `http://${STACK}`
      expect(await status('-r', '10-19', `${url}/file`)).toBe('206 10')
      expect(await status('-r', '100000-', `${url}/file`)).toMatch(/^416 /)
      expect(await status('-I', `${url}/file`)).toBe('200 0')
      expect(await status(`${url}/none`)).toMatch(/^404 /)
      expect(await status('--path-as-is', `${url}/../../etc/passwd`)).toMatch(/^403 /)
      expect(await status('-X', 'DELETE', `${url}/file`)).toMatch(/^405 /)
      expect(await status('-z', join(folder, 'file'), `${url}/file`)).toBe('304 0')
      // A refused upload of many segments: the answer arrives all the same.
      writeSeededFile(join(folder, 'large'), 3 * MEGABYTE)
      expect(await status('-T', join(folder, 'large'), `${url}/none/new`)).toMatch(/^404 /)
      expect(readdirSync(folder).sort()).toEqual(['file', 'large'])
    } finally {
      await served.close()
    }
  })

  describe('over a bad link', () => {
    // Where much is lost windows are two packets long, and time-outs of 200 ms and more decide: fewer octets there, not less care.
    test.each([
      ['1 % loss', amount(4, 80), 'loss=1%,seed=1'],
      ['3 % loss', amount(2, 20), 'loss=3%,seed=2'],
      ['10 % loss', amount(0.4, 2), 'loss=10%,seed=3'],
      ['reordering', LARGE, 'reorder=5%,seed=4'],
      ['duplication', LARGE, 'duplicate=5%,seed=5'],
      [
        'all of it, with delay and damage',
        amount(2, 10),
        'loss=1%,reorder=2%,duplicate=2%,corrupt=0.5%,delay=2ms,jitter=1ms,seed=6',
      ],
    ])(
      '%s: %d MB down and up are intact, and a quarter of it over IPv6',
      async (_what, megabytes, impairment) => {
        const served = await Served.start({ ...HTTP, options: ['--impair', impairment] })
        try {
          await thereAndBack(served, megabytes * MEGABYTE, 100_000)
          await thereAndBack(served, megabytes * (MEGABYTE / 4), 100_000, `[${STACK6}]`)
        } finally {
          await served.close()
        }
      },
      240_000,
    )

    test.each([
      ['1 % loss', 'loss=1%,seed=11'],
      ['3 % loss', 'loss=3%,seed=12'],
      ['10 % loss', 'loss=10%,seed=13'],
      ['reordering and duplication', 'reorder=5%,duplicate=5%,seed=14'],
    ])(
      `%s: ${CURLS} curls at once each get their file`,
      async (_what, impairment) => {
        const served = await Served.start({ ...HTTP, options: ['--impair', impairment] })
        try {
          await allAtOnce(served, 20_000, 90_000)
        } finally {
          await served.close()
        }
      },
      120_000,
    )
  })

  describe('whatever the kernel speaks', () => {
    let served: Served

    beforeAll(async () => {
      served = await Served.start(HTTP)
    })

    afterAll(() => served?.close())

    for (const [what, sysctl, usual, values] of [
      ['selective acknowledgements', 'net.ipv4.tcp_sack', 1, [0, 1]],
      ['timestamps', 'net.ipv4.tcp_timestamps', 1, [0, 1]],
      ['window scaling', 'net.ipv4.tcp_window_scaling', 1, [0, 1]],
      ['explicit congestion notification', 'net.ipv4.tcp_ecn', 2, [0, 1]],
    ] as const) {
      for (const value of values) {
        test(`${what} ${value === 0 ? 'off' : 'on'}: ${SMALL} MB down and up are intact`, async () => {
          served.namespace.sysctl(sysctl, value)
          try {
            await thereAndBack(served, SMALL * MEGABYTE)
          } finally {
            served.namespace.sysctl(sysctl, usual)
          }
        })
      }
    }
  })
})
