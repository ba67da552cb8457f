import { describe, expect, test } from 'vitest'
import { parseService } from '../../src/cli/service-text.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

describe('SERVICE', () => {
  test.each([
    ['echo', { name: 'echo', port: 7, directory: null }],
    ['discard', { name: 'discard', port: 9, directory: null }],
    ['daytime', { name: 'daytime', port: 13, directory: null }],
    ['chargen', { name: 'chargen', port: 19, directory: null }],
    ['upper', { name: 'upper', port: 12000, directory: null }],
    ['echo:7007', { name: 'echo', port: 7007, directory: null }],
    ['http=.', { name: 'http', port: 80, directory: '.' }],
    ['http:8080=/a:b=c', { name: 'http', port: 8080, directory: '/a:b=c' }],
  ])('%s', (text, expected) => {
    expect(parseService(text)).toEqual(expected)
  })

  test.each([
    ['gopher', 'there is no service "gopher"'],
    ['toString', 'there is no service "toString"'],
    ['echo:0', 'port "0"; a port is a number from 1 to 65535'],
    ['echo:65536', 'port "65536"'],
    ['echo:7x', 'port "7x"'],
    ['echo:', 'port ""'],
    ['http', 'does not say which directory'],
    ['http:80=', 'does not say which directory'],
    ['echo=.', 'only http serves a directory'],
  ])('%s is refused, and what is wrong is said', (text, message) => {
    expect(() => parseService(text)).toThrow(UsageError)
    expect(() => parseService(text)).toThrow(message)
  })
})
