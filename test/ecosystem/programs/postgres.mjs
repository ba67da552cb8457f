import pg from 'pg'
import { PEER, tell } from './told.mjs'

const pool = new pg.Pool({ host: PEER, port: 5432, user: 'tester', password: 'secret', database: 'postgres', max: 4 })
await pool.query('CREATE TABLE things (id int, body text)')
await Promise.all(
  Array.from({ length: 40 }, (_, i) =>
    pool.query('INSERT INTO things VALUES ($1, $2)', [i, `thing ${i}`.repeat(1000)]),
  ),
)
const { rows } = await pool.query('SELECT count(*)::int AS count, sum(length(body))::int AS length FROM things')
const { rows: places } = await pool.query('SELECT host(inet_client_addr()) AS address')
const wrong = await pool.query('SELECT nothing').catch((error) => error.code)
tell({ rows, wrong, from: places[0].address })
await pool.end()
