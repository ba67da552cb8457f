// Read first: "Errors" of Node (ERR_MODULE_NOT_FOUND and the others below), and "Modules: TypeScript": what Node does not compile.

import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Our own: this Node leaves out no types, and the package that does is not there. */
export const NO_TYPESCRIPT = 'ERR_NO_TYPESCRIPT'
export const UNSUPPORTED_SYNTAX = 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
export const INVALID_SYNTAX = 'ERR_INVALID_TYPESCRIPT_SYNTAX'

/** The part of Node's errors that says what failed. */
interface Failure {
  readonly code?: unknown
  readonly message: string
  readonly stack?: string | undefined
  /** Of ERR_MODULE_NOT_FOUND. */
  readonly url?: unknown
}

/** Whether Node runs TypeScript by itself, .cts too: 22.18 and later, or where its option says so. */
export function runsTypeScript(): boolean {
  const { typescript } = process.features as { typescript?: string | false }
  return typescript !== undefined && typescript !== false
}

/** What to do about a kind of file that this Node does not load. */
export function kindAdvice(extension: string): string {
  const node = `Node ${process.versions.node}`
  if (extension === '.cts') return `${node} runs no .cts: compile it, or take Node 22.18 or later`
  if (/^\.[jt]sx$/.test(extension)) return `Node runs no ${extension}: compile it, and trace the .js`
  return `Node runs no ${extension}: give a .js, .mjs, .cjs, .ts or .mts file`
}

/**
 * Why a program could not be loaded, in one line: which file, what is wrong, what to do.
 * Null: it is another error, and Node says where the program threw it.
 */
export function loadFailure(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, message, stack = '', url }: Failure = error
  const where = placeOf(stack)
  switch (code) {
    case NO_TYPESCRIPT:
      return message
    case UNSUPPORTED_SYNTAX: {
      const what = /^(TypeScript .*) is not supported in strip-only mode$/.exec(message)?.[1]
      const wrong = what === undefined ? `${message}, and` : `a ${what.replace(/ declaration$/, '')}`
      return where && `${where}: ${wrong} needs compiling: compile the program (tsc), and trace the .js`
    }
    case INVALID_SYNTAX:
      return where && `${where}${columnOf(stack)}: syntax error: ${message}: mend this line`
    case 'ERR_MODULE_NOT_FOUND':
      return typeof url === 'string' ? missingFile(message, url) : missingPackage(message)
    case 'ERR_UNSUPPORTED_DIR_IMPORT': {
      const [, folder, importer] = /^Directory import '(.*)' is not .* imported from (.*)$/.exec(message) ?? []
      return folder && importer ? `${importer} imports ${folder}, a folder: name the file in it` : null
    }
    case 'ERR_UNKNOWN_FILE_EXTENSION': {
      const [, extension, file] = /^Unknown file extension "(.*)" for (.*)$/.exec(message) ?? []
      return extension && file ? `${file}: ${kindAdvice(extension)}` : null
    }
    default: {
      const [, from, name] = /^The requested module (.*) does not provide an export named (.*)$/.exec(message) ?? []
      if (name === undefined || where === null || !/\.m?ts:\d+$/.test(where)) return null
      return `${where}: ${from} exports nothing at run time that is named ${name}: a type wants "import type"`
    }
  }
}

/** File and line, which Node puts in front, above the text of the lines. */
function placeOf(stack: string): string | null {
  const [, url, path, line] = /^(?:(file:.*)|(\/.*)):(\d+)\n/.exec(stack) ?? []
  const file = url === undefined ? path : fileURLToPath(url)
  return file === undefined ? null : `${file}:${line}`
}

/** Where the marks below the text begin, if what is wrong is within one line. */
function columnOf(stack: string): string {
  const before = /^( *)\^+$/m.exec(stack)?.[1]
  return before === undefined ? '' : `:${before.length + 1}`
}

function missingFile(message: string, url: string): string | null {
  const importer = / imported from (.*)$/.exec(message)?.[1]
  if (importer === undefined || !url.startsWith('file:')) return null
  const path = fileURLToPath(url)
  const stem = path.replace(/\.(m?)js$/, '.$1ts')
  const others = stem === path ? ['.ts', '.mts', '.js', '.mjs'].map((extension) => `${path}${extension}`) : [stem]
  const meant = others.find((other) => existsSync(other) && statSync(other).isFile())
  const advice =
    meant === undefined ? 'write the file, or mend the import' : `write the name in full, ${basename(meant)}`
  return `${importer} imports ${path}, and there is none: ${advice}`
}

function missingPackage(message: string): string | null {
  const [, name, importer] = /^Cannot find package '(.*)' imported from (.*)$/.exec(message) ?? []
  if (name === undefined || importer === undefined) return null
  // With a main file that is not there, Node names the package by its folder.
  const advice = existsSync(join(name, 'package.json')) ? 'build it' : `npm install ${name}`
  return `${importer} imports the package ${name}, and there is none: ${advice}`
}
