import { acts } from '../demo/demo-acts.ts'
import { SERVICE_PORTS } from '../serve/service-text.ts'

/** What the value of an option or an argument may be, as far as a shell can offer it. */
export type CompletedValue =
  | { readonly kind: 'words'; readonly name: string; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'host' | 'interface' | 'none'; readonly name: string }

/** What `--on` may begin with, where it must be a link of its own. */
const LINKS = ['tap:', 'tun:']
const CALLS = [
  '%network',
  'socket',
  'bind',
  'listen',
  'accept',
  'connect',
  'sendto',
  'recvfrom',
  'setsockopt',
  'getsockopt',
  'shutdown',
  'close',
]

/** Words by the name that a command's help has for the value, such as "where" of "--on <where>". */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  where: ['os', ...LINKS],
  link: LINKS,
  calls: CALLS,
  unit: ['k', 'm', 'g', 't', 'K', 'M', 'G', 'T'],
  service: Object.keys(SERVICE_PORTS).flatMap((name) => {
    if (name === 'dns') return [name, 'dns=']
    return /^(http|dhcp|mdns)/.test(name) ? [`${name}=`] : [name]
  }),
  program: acts.map(({ id }) => id),
}

const FILES = ['file', 'path', 'name=file', '[domain=]file', 'folder']
const HOSTS = ['host', 'address', 'server', 'url']

/** Which value `name` stands for in the help of `command`, '' for options. `choices`: what commander lets pass. */
export function valueNamed(name: string, choices: readonly string[] | undefined, command: string): CompletedValue {
  if (choices !== undefined) return { kind: 'words', name, words: choices }
  // A program of a demonstration has a number; one that is traced is a file.
  if (command === 'trace') return { kind: 'file', name }
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  if (words !== undefined) return { kind: 'words', name, words }
  if (FILES.includes(name)) return { kind: 'file', name }
  if (HOSTS.includes(name)) return { kind: 'host', name }
  return { kind: name === 'interface' ? 'interface' : 'none', name }
}
