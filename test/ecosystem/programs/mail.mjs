import nodemailer from 'nodemailer'
import { PEER, tell } from './told.mjs'

const transport = nodemailer.createTransport({ host: PEER, port: 2525, secure: false, ignoreTLS: true })
const sent = await transport.sendMail({
  from: 'sender@example.com',
  to: 'receiver@example.com',
  subject: 'A letter',
  text: 'line\n'.repeat(50_000),
})
tell({ accepted: sent.accepted, response: sent.response })
transport.close()
