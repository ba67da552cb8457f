import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { multicastPrograms } from './programs/multicast.ts'

differential('multicast', multicastPrograms, { dgram: dgramFor })
