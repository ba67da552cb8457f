import mysql from 'mysql2/promise'
import { PEER, tell } from './told.mjs'

const pool = mysql.createPool({ host: PEER, user: 'tester', password: 'secret', database: 'test', connectionLimit: 4 })
await pool.query('CREATE TABLE things (id int, body longtext)')
await Promise.all(
  Array.from({ length: 40 }, (_, i) =>
    pool.execute('INSERT INTO things VALUES (?, ?)', [i, `thing ${i}`.repeat(1000)]),
  ),
)
const [rows] = await pool.query('SELECT count(*) AS count, cast(sum(length(body)) AS int) AS length FROM things')
const [places] = await pool.query('SELECT user() AS user')
const wrong = await pool.query('SELECT nothing').catch((error) => error.code)
tell({ rows, wrong, from: places[0].user.split('@')[1] })
await pool.end()
