import { os } from '../../../os/operating-system.ts'
import { trace } from '../../../socket/trace/trace.ts'
import { pageClient } from '../../programs/page-client.ts'
import { pageServer } from '../../programs/page-server.ts'
import { LOOPBACK, type OsAct } from './os-act.ts'
import { freeTcpPort } from './os-stage.ts'

export const fetchPageOnOs: OsAct = {
  id: 'E3',
  name: 'a web page, traced',
  introduction:
    'What is shown is what strace would show: these are system calls. jackfield trace shows those of any program.',
  async run(stage) {
    const port = await freeTcpPort()
    const show = stage.tracer('client')
    let calls = 0
    const traced = trace(
      os,
      (line) => {
        if (!line.startsWith('+++')) calls++
        show(line)
      },
      { calls: 'socket,connect,sendto,recvfrom,close' },
    )
    const [, page] = await stage.play(
      (signal) => pageServer(os, stage.voice('server'), signal, port),
      () => pageClient(traced, { address: LOOPBACK, port }, '/'),
    )
    traced.exit(0)
    const [status = ''] = page.split('\r\n')
    return { ok: status === 'HTTP/1.1 200 OK' && page.endsWith('</p>\n'), text: `${status}, ${calls} calls` }
  },
}
