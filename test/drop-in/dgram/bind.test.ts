import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { bindPrograms } from './programs/bind.ts'

differential('bind', bindPrograms, { dgram: dgramFor })
