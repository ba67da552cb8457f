// Changes to a scenario, each a new scenario: what the page's editing is made of.

import type { Impairment } from '../../../src/device/impairment.ts'
import type { NodeKind, Scenario, ScenarioAct, ScenarioLink, ScenarioNode } from '../../engine/scenario.ts'

/** How a link is at an instant. */
export interface LinkNow extends Impairment {
  readonly mtu?: number
  readonly up: boolean
}

/** A name that no node has yet: "host1", "host2", … */
export function freeName(scenario: Scenario, kind: NodeKind): string {
  let count = 1
  while (scenario.nodes.some(({ name }) => name === `${kind}${count}`)) count++
  return `${kind}${count}`
}

export function withNode(scenario: Scenario, node: ScenarioNode): Scenario {
  return { ...scenario, nodes: [...scenario.nodes, node], acts: withoutFrames(scenario.acts) }
}

/** Its links and programs go with it. */
export function withoutNode(scenario: Scenario, name: string): Scenario {
  const gone = scenario.links.flatMap(({ between }, i) => (between.includes(name) ? [i] : []))
  const rest = gone.reduceRight(withoutLink, scenario)
  return {
    ...rest,
    nodes: rest.nodes.filter((node) => node.name !== name),
    programs: rest.programs.filter(({ host }) => host !== name),
    acts: withoutFrames(rest.acts).filter((act) => !('host' in act) || act.host !== name),
  }
}

/** Everything that names the node names it anew; texts of programs stay as they are. */
export function renamed(scenario: Scenario, from: string, to: string): Scenario {
  const name = (one: string) => (one === from ? to : one)
  return {
    ...scenario,
    nodes: scenario.nodes.map((node) => ({ ...node, name: name(node.name) })),
    links: scenario.links.map(({ address, ...link }) => ({
      ...link,
      between: [name(link.between[0]), name(link.between[1])] as const,
      ...(address === undefined
        ? {}
        : { address: Object.fromEntries(Object.entries(address).map(([end, text]) => [name(end), text])) }),
    })),
    programs: scenario.programs.map((program) => ({ ...program, host: name(program.host) })),
    acts: scenario.acts.map((act) => ('host' in act ? { ...act, host: name(act.host) } : act)),
  }
}

/** A switch has no addresses, no TCP and no programs: what the node had of them is gone. */
export function withKind(scenario: Scenario, name: string, kind: NodeKind): Scenario {
  const nodes = scenario.nodes.map((node) => {
    if (node.name !== name) return node
    const { tcp, ...rest } = node
    return { ...rest, kind, ...(kind === 'switch' || tcp === undefined ? {} : { tcp }) }
  })
  const acts = withoutFrames(scenario.acts)
  if (kind !== 'switch') return { ...scenario, nodes, acts }
  return {
    ...scenario,
    nodes,
    links: scenario.links.map((link) => withAddress(link, name, '')),
    programs: scenario.programs.filter(({ host }) => host !== name),
    acts: acts.filter((act) => !('host' in act) || act.host !== name),
  }
}

export function connected(scenario: Scenario, a: string, b: string): Scenario {
  const links = [...scenario.links, { between: [a, b] as const, delay: 10 }]
  return { ...scenario, links, acts: withoutFrames(scenario.acts) }
}

/** Acts tell links by their places, which are others behind the one that goes. */
export function withoutLink(scenario: Scenario, place: number): Scenario {
  const acts = withoutFrames(scenario.acts).flatMap((act) => {
    if (!('link' in act) || act.link < place) return [act]
    return act.link === place ? [] : [{ ...act, link: act.link - 1 }]
  })
  return { ...scenario, links: scenario.links.filter((_link, i) => i !== place), acts }
}

export function withLink(scenario: Scenario, place: number, link: ScenarioLink): Scenario {
  return { ...scenario, links: scenario.links.map((one, i) => (i === place ? link : one)) }
}

/** The link with the address of one end; '': the one that is given to it. */
export function withAddress({ address, ...link }: ScenarioLink, end: string, text: string): ScenarioLink {
  const { [end]: _before, ...rest } = address ?? {}
  const all = text === '' ? rest : { ...rest, [end]: text }
  return Object.keys(all).length === 0 ? link : { ...link, address: all }
}

/** The link with one of its conditions; undefined: without. */
export function withCondition(
  link: ScenarioLink,
  key: keyof Impairment | 'mtu',
  value: number | undefined,
): ScenarioLink {
  const { [key]: _before, ...rest } = link
  return (value === undefined ? rest : { ...rest, [key]: value }) as ScenarioLink
}

export function withoutAct(scenario: Scenario, place: number): Scenario {
  return { ...scenario, acts: scenario.acts.filter((_act, i) => i !== place) }
}

/** Frames are told by their numbers, which are others where the network is another. */
function withoutFrames(acts: readonly ScenarioAct[]): readonly ScenarioAct[] {
  return acts.filter((act) => !('frame' in act))
}

/** How a link is at an instant, by what was done to it until then. */
export function linkAt(scenario: Scenario, place: number, at: number): LinkNow {
  const { between: _between, address: _address, ...conditions } = scenario.links[place] as ScenarioLink
  let link: LinkNow = { ...conditions, up: true }
  for (const act of inOrder(scenario.acts)) {
    if (!('link' in act) || act.link !== place || act.at > at) continue
    link = 'conditions' in act ? { ...link, ...act.conditions } : { ...link, up: act.up }
  }
  return link
}

/** Whether a host has crashed before an instant, and was not restarted. */
export function isDown(scenario: Scenario, host: string, at: number): boolean {
  let down = false
  for (const act of inOrder(scenario.acts)) {
    if (!('host' in act) || act.host !== host || act.at > at) continue
    if ('crash' in act) down = true
    else if ('restart' in act) down = false
  }
  return down
}

type TimedAct = Extract<ScenarioAct, { readonly at: number }>

function inOrder(acts: readonly ScenarioAct[]): TimedAct[] {
  return acts.filter((act): act is TimedAct => 'at' in act).sort((a, b) => a.at - b.at)
}

/** In what two scenarios differ: in nothing that a run knows of, in what is done by hand, or in what it is made of. */
export function difference(a: Scenario, b: Scenario): 'drawing' | 'acts' | 'run' {
  const made = ({ acts: _acts, nodes, ...rest }: Scenario) =>
    JSON.stringify({ ...rest, nodes: nodes.map(({ x: _x, y: _y, ...node }) => node) })
  if (made(a) !== made(b)) return 'run'
  return JSON.stringify(a.acts) === JSON.stringify(b.acts) ? 'drawing' : 'acts'
}

/** An act in words: "packet 4: dropped" */
export function actText(act: ScenarioAct, scenario: Scenario): string {
  if ('frame' in act) {
    const { drop, delay, duplicate, flip } = act
    const done = [
      drop === true ? 'dropped' : '',
      delay === undefined ? '' : `held back ${delay} ms`,
      duplicate === undefined ? '' : `doubled ${duplicate === 1 ? 'once' : `${duplicate} times`}`,
      flip === undefined ? '' : `damaged in octet ${flip.map((bit) => Math.floor(bit / 8)).join(', ')}`,
    ]
    return `packet ${act.frame}: ${done.filter((text) => text !== '').join(', ')}`
  }
  const when = `${(act.at / 1000).toFixed(3)} s`
  if ('link' in act) {
    const between = scenario.links[act.link]?.between.join(' — ') ?? `link ${act.link}`
    if ('conditions' in act) {
      const changes = Object.entries(act.conditions).map(([key, value]) => conditionText(key, value as number))
      return `${when}, ${between}: ${changes.join(', ')}`
    }
    return `${when}, ${between}: ${act.up ? 'mended' : 'cut'}`
  }
  if ('end' in act) return `${when}, ${act.host}: ${act.end} ended`
  if ('run' in act) return `${when}, ${act.host}$ ${act.run}`
  if ('type' in act) return `${when}, ${act.host}: ${JSON.stringify(act.type)} typed`
  if ('signal' in act) return `${when}, ${act.host}: ${act.signal === 'SIGINT' ? 'Ctrl-C' : act.signal}`
  return `${when}, ${act.host}: ${'crash' in act ? 'crashed' : 'restarted'}`
}

/** More than any link has: what stands for no limit where one was set before. */
export const NO_RATE = 1e15

/** "loss 8 %", "rate 2 Mbit/s" */
export function conditionText(key: string, value: number): string {
  if (key === 'rate') return value >= NO_RATE ? 'no limit of rate' : `${Number((value / 1e6).toPrecision(4))} Mbit/s`
  if (key === 'mtu') return `MTU ${value}`
  if (key === 'delay') return `${value} ms`
  if (key === 'jitter') return `± ${value} ms`
  if (key === 'queue') return `queue ${value}`
  const words: Readonly<Record<string, string>> = {
    loss: 'lost',
    duplicate: 'doubled',
    reorder: 'out of order',
    corrupt: 'damaged',
  }
  return words[key] === undefined ? key : `${Number((value * 100).toFixed(2))} % ${words[key]}`
}
