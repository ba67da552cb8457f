import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { sendPrograms } from './programs/send.ts'

differential('send', sendPrograms, { dgram: dgramFor })
