// Names of a link from a stack of its own. Arguments: "ADDRESS/PREFIX[,…]" of the stack, the host's name, then as JSON what to publish, browse for
// and ask for. Says what happens, a line each, and says goodbye when it is told to end.
import { Stack, secureRandom } from '../../../dist/index.js'
import { openTap } from '../../../dist/os/index.js'
import { MulticastNames, Names } from '../../../dist/services/names/index.js'

const [addresses, host, text] = process.argv.slice(2)
const { publish = [], browse = [], lookup = [] } = JSON.parse(text)
const stack = new Stack()
const link = stack.attach(openTap('jf0'), { address: addresses.split(','), duplicateAddressDetection: false })
await link.settled()

const own = addresses.split(',').map((address) => address.split('/')[0])
const local = new MulticastNames(stack, { ifindex: link.index, random: secureRandom, host, addresses: own })
const say = (...words) => process.stdout.write(`${words.join(' ')}\n`)
await local.claimed
say('claimed', local.host)
for (const service of publish) say('published', (await local.publish(service)).instance)
for (const type of browse) {
  const line = (what) => (found) =>
    say(
      what,
      found.instance,
      `${found.host}:${found.port}`,
      found.addresses.map(String).sort().join(),
      JSON.stringify(found.text),
    )
  local.browse(type, { added: line('added'), changed: line('changed'), removed: line('removed') })
}
const names = new Names(stack, { multicast: local })
for (const name of lookup) {
  const found = await names.getaddrinfo(name, 80, { socketType: 1 }).catch(({ code }) => code)
  say(
    'found',
    name,
    Array.isArray(found)
      ? found
          .map(({ address }) => address.address.replace(/^fe80.*/, 'fe80'))
          .sort()
          .join()
      : found,
  )
}
say('ready')
process.on('SIGTERM', async () => {
  await local.close()
  setTimeout(() => process.exit(0), 100)
})
