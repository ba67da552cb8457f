import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential } from '../harness.ts'
import { createPrograms } from './programs/create.ts'

differential('create', createPrograms, { dgram: dgramFor })
