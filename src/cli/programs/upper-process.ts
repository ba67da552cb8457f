// The process of one client: what comes by its standard input goes back in capitals.

process.stdin.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk.toString('latin1').toUpperCase(), 'latin1')
})
