import { afterAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGateway } from '../../src/app/gateway.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const USED_UP = 'sk-kimi-sim-used-up'
const kimi = await startSim({ kind: 'kimi-coding', keys: { [USED_UP]: 'five-hour-used-up' } })
const moonshot = await startSim({ kind: 'moonshot' })
const home = homeFolder()
home.configure(
  JSON.stringify({
    models: {
      providers: {
        'kimi-coding': {
          baseUrl: `${kimi.origin}/coding/v1`,
          api: 'openai-completions',
          apiKeys: [
            { name: 'work', key: USED_UP },
            { name: 'gone', key: `\${NO_SUCH_KEY}`, priority: 2 },
          ],
        },
        moonshot: { baseUrl: `${moonshot.origin}/v1`, apiKey: moonshot.key, api: 'openai-completions' },
      },
    },
    routes: {
      coder: {
        targets: ['kimi-coding/kimi-for-coding', 'moonshot/kimi-k2.6', 'deepseek/deepseek-chat'],
        fallbackOn: ['plan_exhausted'],
        crossBilling: { maxUsdPerDay: 5 },
        retry: { max: 2 },
      },
      strict: { targets: ['kimi-coding/kimi-for-coding', 'moonshot/kimi-k2.6'], cache: { ttlSeconds: 60 } },
      dead: { targets: ['deepseek/deepseek-chat'] },
    },
    gateway: { port: 0 },
  }),
)
afterAll(async () => {
  await Promise.all([kimi.stop(), moonshot.stop()])
  home.remove()
})

const env = { ...home.env, NO_COLOR: '1' }

async function candor(args: readonly string[], more: { columns?: number; input?: string; tty?: boolean } = {}) {
  const shell = fakeShell({ home: home.path, env, tty: more.tty ?? true, ...more })
  const exit = await runCli(args, VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

/** Line breaks stand where the terminal wants them. */
const flat = (text: string) => text.replace(/\s+/g, ' ')

describe('candor route list', () => {
  test('shows targets, fallbacks and lanes', async () => {
    const { exit, out } = await candor(['route', 'list'], { columns: 200 })
    expect(exit).toBe(0)
    const [coder, strict, dead] = out.split('\n\n').map(flat)
    expect(coder).toContain('coder targets kimi-coding/kimi-for-coding (plan) moonshot/kimi-k2.6 (metered) deepseek/')
    expect(coder).toContain('DEEPSEEK_API_KEY is not set. falls back on plan_exhausted lane may leave the lane')
    expect(coder).toContain('for $5.00 a day (UTC), of which $5.00 are left today retries up to 2 more attempts')
    expect(strict).toContain('falls back on nothing')
    expect(strict).toContain('never leaves the lane of its first target cache answers are kept for 60 s')
    expect(dead).toStartWith('dead: no target can be used')
  })

  test('--json gives the views', async () => {
    const { out } = await candor(['route', 'list', '--json'])
    expect(JSON.parse(out).routes.map(({ name }: { name: string }) => name)).toEqual(['coder', 'strict', 'dead'])
  })
})

describe('candor route explain', () => {
  test('tells every leg: order, lane, health, way, and what comes next', async () => {
    const { exit, out, err } = await candor(['route', 'explain', 'coder'], { columns: 200 })
    expect(exit).toBe(0)
    const [head, work, metered, unusable, missing] = out.split('\n\n').map(flat)
    expect(head).toStartWith('"coder" is a route. Explained for a greeting over openai-completions')
    expect(head).toContain('Falls back on plan_exhausted. Its lane is plan; it may leave the lane')
    expect(head).toContain('Retries: up to 2 more attempts at the same target on rate_limited, overloaded')
    expect(work).toStartWith('1 kimi-coding/kimi-for-coding: asked first lane plan')
    expect(work).toContain('health nothing known yet request over anthropic-messages, translated; not over openai-comp')
    expect(work).toContain('then on plan_exhausted: 2 (moonshot/kimi-k2.6); any other problem is told')
    expect(metered).toStartWith("2 moonshot/kimi-k2.6: asked if others fail lane metered, not the route's (plan)")
    expect(unusable).toStartWith('- deepseek/deepseek-chat: cannot be used why The provider "deepseek"')
    expect(missing).toContain('a key is missing why key "gone": the environment variable NO_SUCH_KEY is not set')
    expect(err).toContain('No gateway runs now')
  })

  test.each([60, 80, 200])('fits %p columns', async columns => {
    const { out } = await candor(['route', 'explain', 'coder'], { columns })
    const words = (line: string) => line.trim().split(' ').length
    for (const line of out.split('\n')) if (words(line) > 3) expect(widthOf(line)).toBeLessThanOrEqual(columns)
  })

  test('a saved request, under a name the provider admits', async () => {
    const file = join(home.path, 'request.json')
    writeFileSync(file, JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], user: 'me', stream: true }))
    const name = 'claude-cli/2.0.0'
    const { out } = await candor(['route', 'explain', 'coder', '--file', file, '--user-agent', name], { columns: 300 })
    expect(flat(out)).toContain('Explained for a request of openai-completions, reckoned with')
    expect(flat(out)).toContain('request over openai-completions, passed through')
  })

  test('--json is the whole explanation', async () => {
    const { exit, out } = await candor(['route', 'explain', 'strict', '--json'])
    expect([exit, JSON.parse(out)]).toMatchObject([
      0,
      {
        running: false,
        explanation: { route: 'strict', legs: [{ tried: 'first' }, { tried: 'not' }], cacheMs: 60_000 },
      },
    ])
  })

  test.each([
    [['dead'], 69, 'cannot be used'],
    [['codr'], 2, 'Did you mean "coder"?'],
    [['coder', '--as', 'soap'], 2, '--as must be one of'],
    [['coder', '--file', 'nowhere.json'], 2, 'cannot be read'],
    [['coder', '--key', 'nobody'], 2, 'neither the name nor the id of a key'],
  ])('%p ends with %p', async (args, exit, words) => {
    const got = await candor(['route', 'explain', ...args])
    expect([got.exit, flat(got.err)]).toEqual([exit, expect.stringContaining(words)])
  })
})

test('candor explain names the route, and shows the target that would be asked', async () => {
  const file = join(home.path, 'saved.json')
  writeFileSync(file, JSON.stringify({ model: 'coder', messages: [{ role: 'user', content: 'Hi' }] }))
  const { exit, out } = await candor(['explain', file, '--json'])
  expect([exit, JSON.parse(out).explanation]).toMatchObject([
    0,
    { route: 'coder', target: 'kimi-coding/kimi-for-coding', billing: 'plan' },
  ])
  const shown = await candor(['explain', file, '--to', 'dead'], { columns: 300 })
  expect(shown.exit).toBe(69)
  expect(shown.out).toContain('The route "dead": what follows is for deepseek/deepseek-chat.')
})

describe('with a gateway that runs', () => {
  test('routes, providers, models, chat and the story tell what happened', async () => {
    const gateway = await opened(openGateway(appOptions(deskOf(fakeShell({ home: home.path, env })))))
    try {
      const chat = await candor(['chat', 'coder', 'Hello'], { tty: false })
      expect(chat.exit).toBe(0)
      expect(chat.err).toBe(
        'moonshot/kimi-k2.6 answers for coder, in place of kimi-coding/kimi-for-coding (plan_exhausted), and is metered: paid by use.\n',
      )
      const story = flat((await candor(['trace'], { columns: 300 })).out)
      expect(story).toContain('Asked for coder, a route, by candor/')
      expect(story).toContain('Fell back to moonshot/kimi-k2.6, because of plan_exhausted. This left the lane "plan"')
      const route = await candor(['route', 'explain', 'coder'], { columns: 300 })
      expect(flat(route.out)).toContain(
        'Now it falls back from kimi-coding/kimi-for-coding, because of plan_exhausted.',
      )
      expect(flat(route.out)).toMatch(/not asked: it cools down after plan_exhausted .* health cools down for .* until/)
      expect(flat(route.out)).toContain('2 moonshot/kimi-k2.6: asked first')
      const providers = await candor(['providers', 'kimi-coding'], { columns: 300 })
      expect(flat(providers.out)).toContain('key work (plan, priority 1, weight 1), from')
      expect(flat(providers.out)).toContain('cannot be used: key "gone": the environment variable NO_SUCH_KEY')
      expect(flat(providers.out)).toMatch(
        /cools down for .* \(plan_exhausted\), until \S+ \+00:00; 0 answers, 1 failure of the/,
      )
      const all = await candor(['providers'], { columns: 300 })
      expect(all.out).toMatch(/kimi-coding +in part/)
      expect(all.err).toMatch(/^kimi-coding\/kimi-for-coding, key "work", cools down for/)
      const models = await candor(['models', 'candor'], { columns: 300 })
      expect(models.out).toMatch(/coder .* plan +route: kimi-coding\/kimi-for-coding, moonshot\/kimi-k2.6, deepseek/)
      const known = await candor(['models', 'kimi-coding'], { columns: 300 })
      expect(known.err).toMatch(/kimi-coding\/kimi-for-coding cools down for .* \(plan_exhausted\), until/)
      const logs = await candor(['logs'], { columns: 300 })
      expect(logs.out).toContain('moonshot/kimi-k2.6 (fallback)')
    } finally {
      await gateway.close()
    }
  })
})
