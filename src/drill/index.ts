// The public entry of the drill: packetdrill scripts against the userspace stack, in Node and in browsers.

export type { DrillSystem, SystemMaker, SystemSettings } from './drill-system.ts'
export { IP_VERSIONS, type IpVersion, ipVersionsOf } from './ip-version.ts'
export { type ParseOptions, parseScript } from './parser.ts'
export { formatResult, type ScriptFailure, type ScriptResult } from './report.ts'
export type { RunOptions } from './run-settings.ts'
export { runScript } from './runner.ts'
export type { Script } from './script.ts'
export { suiteDefines } from './suite-defines.ts'
export { ScriptSyntaxError } from './syntax-error.ts'
