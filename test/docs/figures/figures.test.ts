// docs/figures is what this draws, from runs on virtual time: `npx vitest run test/docs/figures -u` draws it anew.

import { expect, test } from 'vitest'
import { ladder } from './ladder.ts'
import { sequenceGraph } from './sequence-graph.ts'
import { windowPlot } from './window-plot.ts'

const FIGURES = { connection: ladder, 'lost-segments': sequenceGraph, 'congestion-window': windowPlot }

test.each(Object.entries(FIGURES))('docs/figures/%s.svg is what a run draws', async (name, draw) => {
  await expect(await draw()).toMatchFileSnapshot(`../../../docs/figures/${name}.svg`)
})
