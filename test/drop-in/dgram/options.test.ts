import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { optionPrograms } from './programs/options.ts'

differential('options', optionPrograms, { dgram: dgramFor })
