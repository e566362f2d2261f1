import { afterAll, describe, expect, test } from 'bun:test'
import { startSim } from '../../src/sim/start-sim.ts'
import { beginTalk } from './chat-talk.ts'
import { homeFolder } from './home-folder.ts'

const kimi = await startSim({ kind: 'kimi-coding' })
const empty = homeFolder()
const undecided = homeFolder()
const broken = homeFolder()
afterAll(async () => {
  await kimi.stop()
  for (const home of [empty, undecided, broken]) home.remove()
})

const entry = `"kimi-coding": { baseUrl: "${kimi.origin}/coding/v1", apiKey: "${kimi.key}", api: "openai-completions" }`
undecided.configure(`{ models: { providers: { ${entry} } } }`)
broken.configure(`{ models: { default: "openai/gpt-4.1", providers: { ${entry} } } }`)

describe('before the first message', () => {
  test('without a default, a model is picked, and answers', async () => {
    const { shell, ended, say, type } = await beginTalk([], undecided.path, { ...undecided.env, NO_COLOR: '1' })
    expect(shell.stderr.text()).toContain('model: none is chosen')
    await shell.stdout.until('Esc leaves')
    const chosen = shell.stderr.until('Model: kimi-coding/kimi-for-coding (plan).')
    type('for-coding\r')
    await chosen
    await say('Hello', ' · on the plan · ')
    expect(shell.stdout.text()).toContain('You said: "Hello".')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test('whoever picks none is told how to, and that none is chosen', async () => {
    const { shell, ended, say, type } = await beginTalk([], undecided.path, { ...undecided.env, NO_COLOR: '1' })
    await shell.stdout.until('Esc leaves')
    const left = shell.stderr.until('Model: none is chosen. Choose with /model NAME')
    type('\x1b')
    await left
    await say('Hello', 'why: Candor guesses no model')
    await shell.stderr.until('fix: Here: /models lists the names')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test.each([
    {
      name: 'with nothing that can be called, it says what is missing and how to mend it',
      home: empty,
      args: [],
      says: ['No model is known that can be called.', 'fix: Set up a provider: candor init'],
    },
    {
      name: 'a default that cannot be called is told with its reason',
      home: broken,
      args: [],
      says: ['openai/gpt-4.1 cannot be called.', 'OPENAI_API_KEY', 'candor doctor openai'],
    },
    {
      name: 'so is one that was named',
      home: undecided,
      args: ['openai/gpt-4.1'],
      says: ['openai/gpt-4.1 cannot be called.', 'OPENAI_API_KEY', 'Or choose another one here: /model'],
    },
    {
      name: 'and a name that means nothing',
      home: undecided,
      args: ['kimi-codign/k3'],
      says: ['No model is called "kimi-codign/k3". (model_not_found)'],
    },
  ])('$name', async ({ home, args, says }) => {
    const { shell, ended, say } = await beginTalk(args, home.path, { ...home.env, NO_COLOR: '1' })
    for (const words of says) await shell.stderr.until(words)
    await say('/exit', '')
    expect(await ended).toBe(0)
  })
})
