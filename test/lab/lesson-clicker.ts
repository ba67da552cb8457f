// A reader with a browser: whatever is done is done by clicks and keys as well. The run without a page tells what is to be seen.

import { expect } from 'vitest'
import type { Lesson, Offer, RunView } from '../../lab/lessons/lesson.ts'
import type { LabBrowser } from './lab-browser.ts'
import { LessonReader } from './lesson-reader.ts'

/** Height of a row in the list of packets. */
const ROW = 24

export class LessonClicker extends LessonReader {
  readonly #lab: LabBrowser

  constructor(lab: LabBrowser, { scenario }: Lesson) {
    super(scenario)
    this.#lab = lab
  }

  get #page() {
    return this.#lab.page
  }

  get #clock() {
    return this.#page.locator('.clock')
  }

  /** Does something that the run tells of, and waits until it has. */
  async #told(action: () => Promise<void>): Promise<void> {
    const before = await this.#clock.getAttribute('data-told')
    await action()
    await expect.poll(() => this.#clock.getAttribute('data-told'), { interval: 10 }).not.toBe(before)
  }

  async #clockIs(at: number): Promise<void> {
    await expect
      .poll(async () => Number.parseFloat((await this.#clock.textContent()) ?? '') * 1000, { interval: 10 })
      .toBeCloseTo(at, 1)
  }

  override async stepUntil(is: (view: RunView) => boolean): Promise<number> {
    const steps = await super.stepUntil(is)
    for (let i = 0; i < steps; i++) await this.#told(() => this.#page.click('button:text-is("Packet")'))
    await this.#clockIs(this.now)
    return steps
  }

  // Fast past the instant, and back to it on the time line.
  override async until(at: number): Promise<void> {
    const far = at - this.now > 1500
    await super.until(at)
    await this.#page.locator('.speed input').fill(far ? '1' : '0.5')
    await this.#page.click('[aria-label="Run"]')
    await expect
      .poll(async () => Number.parseFloat((await this.#clock.textContent()) ?? '') * 1000, { interval: 10 })
      .toBeGreaterThan(at)
    await this.#page.click('[aria-label="Pause"]')
    await this.#page.locator('[aria-label="Run"]').waitFor()
    await this.#page.locator('.time-line input').fill(String(at))
    await this.#clockIs(at)
  }

  override async selectFrame(number: number): Promise<void> {
    await super.selectFrame(number)
    await this.#page.locator('.rows').evaluate((rows, top) => rows.scrollTo(0, top), Math.max(0, (number - 4) * ROW))
    await this.#page.click(`#frame-${number}`)
  }

  override async selectNode(name: string): Promise<void> {
    await super.selectNode(name)
    await this.#page.click(`.node:has(.name:text-is("${name}")) .name`)
  }

  override async selectSocket(host: string, state: string): Promise<void> {
    await this.selectNode(host)
    await super.selectSocket(host, state)
    const { peerAddress, peerPort } = this.socket(host, state)
    await this.#page.click(`.sockets tr:has-text("${state}") button:has-text("${peerAddress}:${peerPort}")`)
  }

  override async drop(number: number): Promise<void> {
    await this.selectFrame(number)
    await super.drop(number)
    await this.#told(() => this.#page.click('.inspector button:text-is("Drop")'))
  }

  override async holdBack(number: number): Promise<void> {
    await this.selectFrame(number)
    await super.holdBack(number)
    await this.#told(() => this.#page.click('.inspector button:has-text("Hold back")'))
  }

  override async setLink(link: number, up: boolean): Promise<void> {
    await super.setLink(link, up)
    await this.#page.locator('.link').nth(link).press('Enter')
    await this.#told(() => this.#page.click(`button:text-is("${up ? 'Mend' : 'Cut'} it now")`))
  }

  override async beginAgain(lesson: Lesson): Promise<void> {
    await super.beginAgain(lesson)
    await this.#told(() => this.#page.click('button:text-is("Begin again")'))
    await this.#clockIs(0)
  }

  override async setSeed(seed: number): Promise<void> {
    await super.setSeed(seed)
    await this.#told(async () => {
      await this.#page.getByLabel('Seed').fill(String(seed))
      await this.#page.keyboard.press('Enter')
    })
    await this.#clockIs(0)
  }

  override async takeOffer(offer: Offer): Promise<void> {
    await super.takeOffer(offer)
    await this.#told(() => this.#page.click(`button:text-is("${offer.label}")`))
    await this.#clockIs(0)
  }

  override async edit(place: string, ...changes: readonly (readonly [string, string])[]): Promise<void> {
    const source = this.edited(place, changes)
    await super.edit(place, ...changes)
    const [host = '', name = ''] = place.split('/')
    await this.#page.click(`.node:has(.name:text-is("${host}")) .name`)
    await this.#page.click(`.node-panel button:text-is("${name}")`)
    await this.#page.click('.cm-content')
    await this.#page.keyboard.press('Control+a')
    await this.#page.keyboard.insertText(source)
    await this.#told(() => this.#page.click('button:text-is("Run from the beginning")'))
    await this.#clockIs(0)
  }
}
