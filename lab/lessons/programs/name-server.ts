// Answers questions for the address of a name, as RFC 1035 has them, over UDP.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const ADDRESSES: Record<string, string> = { 'www.example': '10.0.0.3', 'old.example': '10.0.0.4' }

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 53 })
for await (const { data, address } of socket.datagrams()) {
  if (address === null) continue
  const labels: string[] = []
  let at = 12
  while ((data[at] ?? 0) > 0) {
    const length = data[at] ?? 0
    labels.push(new TextDecoder().decode(data.subarray(at + 1, at + 1 + length)))
    at += 1 + length
  }
  const name = labels.join('.')
  const found = ADDRESSES[name]
  console.log(name, 'is', found ?? 'unknown')
  // A pointer to the name, type A, class IN, good for 60 s, four octets; only for who asks for type A, which is 1.
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...(found ?? '').split('.').map(Number)]
  const records = found !== undefined && data[at + 2] === 1 ? record : []
  // The question again, marked as an answer, with its own counts: what else came with the question (EDNS) is left out.
  const answer = new Uint8Array([...data.subarray(0, at + 5), ...records])
  answer.set([0x81, found === undefined ? 0x83 : 0x80, 0, 1, 0, records.length === 0 ? 0 : 1, 0, 0, 0, 0], 2)
  await socket.sendto(answer, address)
}
