// A scenario in an address: whoever opens it has the very run. And as a file.

import { readScenario } from '../../engine/scenario.ts'
import { welcome } from '../../lessons/welcome.ts'
import { isLessonAddress, openLessonAddress } from '../lessons/lesson-course.ts'
import { capture, frames, load, notice, scenario } from '../state/store.ts'
import { LIVE_MARK, openLive } from './live.ts'

const MARK = '#s='
/** `jackfield lab FILE` serves the file beside the page. */
const FILE_MARK = '#file'
/** Longer addresses are not taken by all that people send them with. */
const ADDRESS_MAX = 30_000

/** Opens what the page's address has; else the first example. */
export async function openFromAddress(): Promise<void> {
  const { hash } = location
  if (hash === FILE_MARK) return await openServed()
  if (hash === LIVE_MARK) return await openLive()
  if (isLessonAddress(hash)) {
    if (await openLessonAddress(hash)) return
    load(welcome)
    notice.value = 'There is no lesson by the name in the address: choose one of the list.'
    return
  }
  if (!hash.startsWith(MARK)) {
    load(welcome)
    return
  }
  try {
    load(readScenario(JSON.parse(await unpack(hash.slice(MARK.length)))))
  } catch (error) {
    load({ version: 1 })
    notice.value = `The address has no scenario that can be read: ${(error as Error).message}`
  }
}

async function openServed(): Promise<void> {
  try {
    const response = await fetch('./scenario.json')
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    load(readScenario(await response.json()))
  } catch (error) {
    load({ version: 1 })
    notice.value = `The file is no scenario: ${(error as Error).message}`
  }
}

/** Puts the scenario into the page's address, and that on the clipboard where it may. */
export async function share(): Promise<void> {
  const packed = await pack(JSON.stringify(scenario.value))
  if (packed.length > ADDRESS_MAX) {
    notice.value = 'This scenario is too large for an address: save it as a file.'
    return
  }
  history.replaceState(null, '', `${location.pathname}${location.search}${MARK}${packed}`)
  try {
    await navigator.clipboard.writeText(location.href)
    notice.value = 'The address of this very run is on the clipboard.'
  } catch {
    notice.value = 'The address of this page is that of this very run.'
  }
}

export function save(): void {
  const text = `${JSON.stringify(scenario.value, null, 2)}\n`
  download(`${fileName()}.json`, new Blob([text], { type: 'application/json' }))
}

export async function open(file: File): Promise<void> {
  try {
    load(readScenario(JSON.parse(await file.text())))
  } catch (error) {
    notice.value = `${file.name} is no scenario: ${(error as Error).message}`
  }
}

/** The frames so far, for Wireshark. */
export async function exportCapture(): Promise<void> {
  const bytes = await capture()
  if (bytes === null || frames.length === 0)
    notice.value = 'No packet has left yet: there is nothing to be had as a file.'
  else download(`${fileName()}.pcapng`, new Blob([bytes], { type: 'application/octet-stream' }))
}

function fileName(): string {
  return scenario.value.name.replace(/[^\w-]+/g, '-') || 'lab'
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}

async function pack(text: string): Promise<string> {
  const octets = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'))
  let binary = ''
  for (const octet of octets) binary += String.fromCharCode(octet)
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

async function unpack(packed: string): Promise<string> {
  try {
    const binary = atob(packed.replace(/-/g, '+').replace(/_/g, '/'))
    const octets = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return new TextDecoder().decode(await through(octets, new DecompressionStream('deflate-raw')))
  } catch {
    throw new Error('it is cut off, or was changed on its way')
  }
}

async function through(octets: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array> {
  const readable = new Blob([octets])
    .stream()
    .pipeThrough(stream as unknown as TransformStream<Uint8Array<ArrayBuffer>>)
  return new Uint8Array(await new Response(readable).arrayBuffer())
}
