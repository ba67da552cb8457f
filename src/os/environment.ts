// What Node and V8 export for addons, reached by FFI: the isolate and the event loop of this very thread, and what is done when the
// thread ends. A worker that is terminated runs no JavaScript any more: only hooks in native code can still close what it had open.

import { isMainThread } from 'node:worker_threads'
import { type Libc, libc } from './libc.ts'

// As the C++ ABI of Linux spells v8::Isolate::GetCurrent(), node::GetCurrentEventLoop(Isolate*),
// node::AddEnvironmentCleanupHook(Isolate*, void (*)(void*), void*) and its opposite: in Node's headers since version 10.
const GET_CURRENT = '_ZN2v87Isolate10GetCurrentEv'
const GET_LOOP = '_ZN4node19GetCurrentEventLoopEPN2v87IsolateE'
const ADD_HOOK = '_ZN4node25AddEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_'
const REMOVE_HOOK = '_ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_'

type Call = ReturnType<Libc['library']['func']>

interface Hooks {
  readonly isolate: unknown
  /** The address of close(2). */
  readonly close: unknown
  readonly add: Call
  readonly remove: Call
}

let hooks: Hooks | null | undefined

function bind(): Hooks | null {
  // With the main thread the process ends, and the kernel closes everything.
  if (isMainThread) return null
  const { library } = libc()
  const pointer = 'void *'
  try {
    const hook = [pointer, pointer, 'intptr_t']
    return {
      isolate: library.func(GET_CURRENT, pointer, [])(),
      close: library.func('dlsym', pointer, [pointer, 'str'])(null, 'close'),
      add: library.func(ADD_HOOK, 'void', hook),
      remove: library.func(REMOVE_HOOK, 'void', hook),
    }
  } catch {
    // A Node that was built without them: what a terminated worker had open stays open until the process ends.
    return null
  }
}

/**
 * The thread, when it ends in whatever way, closes this descriptor: Node calls close(2) itself, with the descriptor as its pointer.
 * It costs 60 ns, and so does `keepOpen`. A descriptor must not be given twice.
 */
export function closeWithThread(fd: number): void {
  if (hooks === undefined) hooks = bind()
  if (hooks !== null) hooks.add(hooks.isolate, hooks.close, fd)
}

/** Takes that back: the descriptor is closed already, or is somebody else's now. */
export function keepOpen(fd: number): void {
  if (hooks !== null && hooks !== undefined) hooks.remove(hooks.isolate, hooks.close, fd)
}

/** The descriptor on which the event loop of this thread sleeps; −1 where it cannot be known. */
export function loopDescriptor(): number {
  const { library } = libc()
  const pointer = 'void *'
  try {
    const loop = library.func(GET_LOOP, pointer, [pointer])(library.func(GET_CURRENT, pointer, [])())
    return library.func('uv_backend_fd', 'int', [pointer])(loop)
  } catch {
    return -1
  }
}
