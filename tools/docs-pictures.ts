// Makes the pictures of the dashboard in docs/images: npm run docs:pictures [-- minutes]. They show the real program over simulated
// providers, after so many minutes of calls (1 if not said): nothing in them is drawn or written by hand.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGateway } from '../test/e2e/harness.ts'
import { entryOf, refOf, simulate } from '../test/e2e/providers.ts'
import { openBrowser, signInLink } from '../test/web/harness.ts'

const FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url))

/** A page of documentation should not weigh more for its picture. */
const PICTURE_BYTES_MAX = 200_000

const SIZE = { width: 1280, height: 1100 }

const PLAN_KEY = 'sk-kimi-sim-nearly-used-up'

// They answer after a moment and piece by piece, as models do.
const [kimi, moonshot, openai] = await Promise.all([
  simulate('kimi-coding', { paceMs: 15, chooseFault: after(420) }),
  simulate('moonshot', { paceMs: 25, chooseFault: after(650) }),
  simulate('openai', { paceMs: 20, chooseFault: after(310) }),
])

const gateway = await startGateway({
  config: {
    models: {
      providers: {
        'kimi-coding': entryOf(kimi, PLAN_KEY),
        moonshot: entryOf(moonshot),
        openai: entryOf(openai),
      },
    },
    routes: {
      coder: {
        targets: [refOf(kimi), refOf(moonshot)],
        fallbackOn: ['plan_exhausted', 'overloaded'],
        crossBilling: { maxUsdPerDay: 5 },
      },
    },
  },
})
try {
  await play(Number(process.argv[2] ?? 1) * 60_000)
  await takePictures()
} finally {
  await gateway.stop()
  await Promise.all([kimi, moonshot, openai].map(sim => sim.stop()))
}

/** A silence before each answer, about as long as said, now longer and now shorter. */
function after(ms: number): () => string {
  return () => `delay=${Math.round(ms * (1.2 + 0.5 * wave(40)))}`
}

/** From -1 to 1 and back, once in so many seconds. */
function wave(seconds: number): number {
  return Math.sin((2 * Math.PI * Date.now()) / (1_000 * seconds))
}

/** Calls as a few programs make them, until the plan is used up at the end. */
async function play(forMs: number): Promise<void> {
  const turns = [
    { model: 'coder', client: 'my-agent/1.0', asks: '[[long 60]]' },
    { model: refOf(openai), client: 'build-bot/2.3', asks: 'Is this change safe?' },
    { model: 'coder', client: 'my-agent/1.0', asks: '[[long 140]]' },
    { model: refOf(openai), client: 'notes/0.4', asks: '[[long 30]]' },
    { model: 'coder', client: 'my-agent/1.0', asks: 'Go on.' },
  ]
  const until = Date.now() + forMs
  for (let turn = 0; Date.now() < until; turn += 1) {
    const next = turns[turn % turns.length]
    if (next !== undefined) await call(next.model, next.client, next.asks)
    // Quick at times and slow at others, as people are.
    await pause(400 + 1_600 * (1 + wave(300)))
  }
  kimi.setKey(PLAN_KEY, 'five-hour-used-up')
  for (const asks of ['[[long 40]]', '[[long 90]]']) await call('coder', 'my-agent/1.0', asks)
  await call(refOf(kimi), 'notes/0.4', 'And without the route?')
}

async function call(model: string, client: string, content: string): Promise<void> {
  const response = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': client },
    body: JSON.stringify({
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content }],
    }),
  })
  await response.text()
}

async function takePictures(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const fell = await gateway.receiptThat(receipt => receipt.attempts.length === 2 && receipt.ending === 'complete')
  const browser = await openBrowser()
  try {
    for (const scheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme: scheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(await signInLink(gateway))
      for (const words of ['answered in place of', '% left', 'notes/0.4']) await page.getByText(words).first().waitFor()
      await keep(await page.screenshot(), `dashboard-${scheme}`)
      await page.goto(`${gateway.url}/calls/${fell.id}`)
      await page.getByText('When it happened').waitFor()
      await keep(await page.screenshot(), `call-${scheme}`)
      await context.close()
    }
  } finally {
    await browser.close()
  }
}

async function keep(picture: Uint8Array, name: string): Promise<void> {
  const file = join(FOLDER, `${name}.png`)
  await Bun.write(file, picture)
  const { size } = statSync(file)
  console.log(`${file}: ${Math.ceil(size / 1000)} kB`)
  if (size > PICTURE_BYTES_MAX) throw new Error(`${name}.png has ${size} bytes, more than ${PICTURE_BYTES_MAX}`)
}
