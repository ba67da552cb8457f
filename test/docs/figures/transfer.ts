// A transfer over a bad link, for pictures of it: what the sender sent and heard, and its congestion window.

import { IPPROTO_TCP, TCP_CONGESTION, TCP_INFO } from '../../../src/base/constants.ts'
import { type LinkOptions, Simulation } from '../../../src/sim/index.ts'
import { Recording, type Sighting } from './segments.ts'

export interface Sample {
  readonly at: number
  /** In segments. */
  readonly window: number
  readonly threshold: number
}

export interface Transfer {
  readonly seen: readonly Sighting[]
  readonly samples: readonly Sample[]
}

/** `octets` from alice to bob; a sample of alice's TCP_INFO every `every` milliseconds; without a capture it is quicker. */
export async function transfer(
  seed: number,
  octets: number,
  link: LinkOptions,
  control: string,
  every: number,
  captured = true,
): Promise<Transfer> {
  const net = new Simulation({ seed })
  const [alice, bob] = [net.host('alice'), net.host('bob')]
  net.link(alice, bob, link)
  const recording = new Recording()
  if (captured) net.capture(recording.take)
  bob.run(async (host) => {
    const connection = await host.listen(80).accept()
    const bytes = new Uint8Array(65536)
    while ((await connection.recv(bytes)) > 0);
    await connection.close()
  })
  const samples: Sample[] = []
  alice.run(async (host) => {
    const socket = await host.connect('bob', 80)
    socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, control)
    let over = false
    const sending = socket.send(new Uint8Array(octets)).then(() => {
      over = true
    })
    while (!over) {
      const { tcpi_snd_cwnd: window = 0, tcpi_snd_ssthresh: threshold = 0 } = socket.getsockopt(IPPROTO_TCP, TCP_INFO)
      samples.push({ at: host.now(), window, threshold })
      await host.sleep(every)
    }
    await sending
    await socket.close()
  })
  await net.run()
  net.close()
  return { seen: recording.sightings(), samples }
}
