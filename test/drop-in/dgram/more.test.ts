import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { morePrograms } from './programs/more.ts'

differential('more', morePrograms, { dgram: dgramFor })
