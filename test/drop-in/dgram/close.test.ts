import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { closePrograms } from './programs/close.ts'

differential('close', closePrograms, { dgram: dgramFor })
