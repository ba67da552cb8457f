// An answer as an object, with the names that DNS messages have in JSON (RFC 8427), for what dig prints.

import type { Answer } from '../../services/names/exchange.ts'
import type { ResourceRecord } from '../../services/names/message.ts'
import { responseName } from '../../services/names/record-type.ts'
import { dataText, nameText } from './dig-text.ts'

/** A line of JSON: the whole message, who sent it, and after how many milliseconds. */
export function digJson({ message, server, transport, bytes }: Answer, time: number): string {
  const { question, edns } = message
  const report = {
    ID: message.id,
    QR: Number(message.response),
    Opcode: message.opcode,
    AA: Number(message.authoritative),
    TC: Number(message.truncated),
    RD: Number(message.recursionDesired),
    RA: Number(message.recursionAvailable),
    AD: Number(message.authenticData),
    CD: Number(message.checkingDisabled),
    RCODE: message.rcode,
    status: responseName(message.rcode),
    ...(question === null ? {} : { QNAME: nameText(question.name), QTYPEname: question.type, QCLASS: question.class }),
    answerRRs: message.answers.map(recordReport),
    authorityRRs: message.authorities.map(recordReport),
    additionalRRs: message.additionals.map(recordReport),
    edns:
      edns === null ? null : { version: edns.version, udpPayloadSize: edns.udpPayloadSize, DO: Number(edns.dnssecOk) },
    server: server.toString(),
    transport,
    milliseconds: Math.round(time * 1000) / 1000,
    length: bytes.length,
  }
  return `${JSON.stringify(report)}\n`
}

function recordReport(record: ResourceRecord) {
  return {
    NAME: nameText(record.name),
    TYPEname: record.type,
    CLASS: record.class,
    TTL: record.ttl,
    data: dataText(record),
  }
}
