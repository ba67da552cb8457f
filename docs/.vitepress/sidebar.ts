// The sidebar of a section is what lies in its folder: pages say their place and their name themselves.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Item {
  readonly text: string
  readonly link?: string
  readonly items?: Item[]
  readonly collapsed?: boolean
}

interface Page extends Item {
  readonly order: number
  readonly group: string
}

const docs = fileURLToPath(new URL('..', import.meta.url))

/**
 * The pages of a folder by `order` of their front matter, then by name. Their title is that of the front matter, or their first heading; pages
 * with the same `group` stand together, in the place of the first of them.
 */
export function section(folder: string, title: string): Item[] {
  const files = readdirSync(join(docs, folder)).filter((file) => file.endsWith('.md') && file !== 'index.md')
  const pages = files.map((file) => readPage(folder, file)).sort((a, b) => a.order - b.order || compare(a.text, b.text))
  const top: Item = { text: title, link: `/${folder}/`, items: [] }
  const groups = new Map<string, Item[]>([['', top.items as Item[]]])
  const items = [top]
  for (const { text, link, group } of pages) {
    let members = groups.get(group)
    if (members === undefined) {
      members = []
      groups.set(group, members)
      items.push({ text: group, items: members })
    }
    members.push({ text, link: link as string })
  }
  return items
}

/** What the package exports, entry by entry, and below the one that is `open` its classes. */
export function exported(entries: readonly string[], open?: string): Item {
  return {
    text: 'What is exported',
    items: entries.map((entry) => {
      const text = entry === 'jackfield' || entry === 'constants' ? entry : `jackfield/${entry}`
      const link = `/reference/api/${entry}/`
      const folder = join(docs, link, 'classes')
      if (entry !== open || !existsSync(folder)) return { text, link }
      const names = readdirSync(folder).map((file) => file.slice(0, -'.md'.length))
      return { text, link, items: names.sort(compare).map((name) => ({ text: name, link: `${link}classes/${name}` })) }
    }),
  }
}

function readPage(folder: string, file: string): Page {
  const text = readFileSync(join(docs, folder, file), 'utf8')
  const [, matter = ''] = /^---\n(.*?)^---$/ms.exec(text) ?? []
  const field = (name: string) =>
    new RegExp(`^${name}: *(.*?) *$`, 'm').exec(matter)?.[1]?.replace(/^(['"])(.*)\1$/, '$2')
  const heading = /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '')
  return {
    text: field('sidebar') ?? field('title') ?? heading ?? file,
    link: `/${folder}/${file.slice(0, -'.md'.length)}`,
    order: Number(field('order') ?? 1000),
    group: field('group') ?? '',
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
