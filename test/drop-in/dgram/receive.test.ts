import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { receivePrograms } from './programs/receive.ts'

differential('receive', receivePrograms, { dgram: dgramFor })
