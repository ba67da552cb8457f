import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { connectPrograms } from './programs/connect.ts'

differential('connect', connectPrograms, { dgram: dgramFor })
