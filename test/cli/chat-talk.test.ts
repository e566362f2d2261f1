import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mentionsIn } from '../../src/cli/chat/attachments.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import type { SimKindId } from '../../src/sim/sim-kind.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { entryOf } from '../e2e/providers.ts'
import { beginTalk, type Talk } from './chat-talk.ts'
import { fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const start = (kind: SimKindId) => startSim({ kind })
const sims = {
  kimi: await start('kimi-coding'),
  openai: await start('openai'),
  responses: await start('openai'),
  anthropic: await start('anthropic'),
  google: await start('google'),
}
const home = homeFolder()
afterAll(async () => {
  await Promise.all(Object.values(sims).map(sim => sim.stop()))
  home.remove()
})
beforeEach(() => {
  for (const sim of Object.values(sims)) sim.clear()
})

const blind = { id: 'blind', input: [] }
const responses = {
  ...entryOf(sims.responses, sims.responses.key, 'openai-responses'),
  models: [{ id: sims.responses.model }],
}
home.configure(
  JSON.stringify({
    models: {
      providers: {
        'kimi-coding': entryOf(sims.kimi),
        openai: {
          ...entryOf(sims.openai, sims.openai.key, 'openai-completions'),
          models: [{ id: sims.openai.model }, blind],
        },
        answers: { ...responses, billing: 'metered' },
        anthropic: entryOf(sims.anthropic),
        google: entryOf(sims.google),
      },
    },
    routes: { coder: { targets: ['kimi-coding/k2p5', 'openai/gpt-4.1'] } },
  }),
)
const env = { ...home.env, NO_COLOR: '1' }

const REFS = {
  'openai-completions': `openai/${sims.openai.model}`,
  'openai-responses': `answers/${sims.responses.model}`,
  'anthropic-messages': `anthropic/${sims.anthropic.model}`,
  'google-generative-ai': `google/${sims.google.model}`,
}

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const files = home.path
writeFileSync(join(files, 'dot.png'), PNG)
writeFileSync(join(files, 'photo.txt'), Buffer.from('ffd8ffe000104a46', 'hex'))
writeFileSync(join(files, 'wave.gif'), 'GIF89a......')
writeFileSync(join(files, 'small.webp'), 'RIFF1234WEBPVP8 ')
writeFileSync(join(files, 'notes.md'), 'Some ``` notes')
writeFileSync(join(files, 'two words.md'), 'of two words')
writeFileSync(join(files, 'thing.bin'), Buffer.from([0, 1, 2, 0xff]))
writeFileSync(join(files, 'large.txt'), 'x'.repeat(1024 * 1024 + 1))
mkdirSync(join(files, 'folder'))

async function once(args: readonly string[], input?: string) {
  const shell = fakeShell({ home: home.path, env, ...(input === undefined ? {} : { input }) })
  const exit = await runCli(['chat', ...args], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

describe('files that go with a question', () => {
  test.each(Object.entries(REFS))('a picture reaches the model over %s', async (_protocol, ref) => {
    const { exit, out } = await once(['-m', ref, '--image', 'dot.png', 'What is it?'])
    expect(exit).toBe(0)
    expect(out).toContain(`You said: "What is it?". I see image/png of ${PNG.length} bytes.`)
  })

  test.each([
    ['photo.txt', 'image/jpeg of 8 bytes'],
    ['wave.gif', 'image/gif of 12 bytes'],
    ['small.webp', 'image/webp of 16 bytes'],
  ])('%s is what it is, not what it is called', async (file, seen) => {
    expect((await once(['-m', REFS['openai-completions'], '-f', file, 'What?'])).out).toContain(`I see ${seen}.`)
  })

  test.each(Object.entries(REFS))('a text reaches the model over %s, with its name', async (_protocol, ref) => {
    const { out } = await once(['-m', ref, '-f', 'notes.md', 'Sum it up'])
    expect(out).toContain('You said: "notes.md:\n\n````\nSome ``` notes\n````\n\nSum it up".')
  })

  test('a path in the prompt is a file, in what comes through a pipe it is not', async () => {
    const named = await once(['-m', REFS['openai-completions'], 'Read @notes.md, and @two\\ words.md'])
    expect(named.err).toBe('with notes.md (text, 14 bytes)\nwith two words.md (text, 12 bytes)\n')
    const piped = await once(['-m', REFS['openai-completions'], 'Review'], 'see @notes.md and @two\\ words.md')
    expect(piped.out).not.toContain('Some')
    expect(piped.err).toContain('"@notes.md" stands in what was pasted or piped, so the file is not sent.')
    expect(piped.err).toContain('"@two words.md" stands in what was pasted or piped, so the file is not sent.')
  })

  test('an escaped space does not lead what is piped out of its folder', async () => {
    const { out, err } = await once(['-m', REFS['openai-completions'], 'Review'], 'see @folder\\ /../notes.md')
    expect(out).not.toContain('Some')
    expect(err).toContain('stands in what was pasted or piped, so the file is not sent.')
  })

  test.each([
    ['-f', 'nothing.md', 'nothing.md cannot be read: there is no such file.'],
    ['-f', 'folder', 'folder is not a file.'],
    ['-f', 'thing.bin', 'thing.bin is neither text (UTF-8) nor'],
    ['-f', 'large.txt', 'large.txt has a little more than 1 MiB; a text may have 1 MiB.'],
    ['--image', 'notes.md', 'notes.md is no PNG, JPEG, GIF or WebP picture.'],
  ])('%s %s is refused: %s', async (flag, file, words) => {
    const { exit, err } = await once(['-m', REFS['openai-completions'], flag, file, 'What?'])
    expect(exit).toBe(2)
    expect(err).toContain(words)
  })

  test('a picture is not sent to a model that is known to see none', async () => {
    const { exit, err } = await once(['-m', 'openai/blind', '--image', 'dot.png', 'What?'])
    expect(exit).toBe(2)
    expect(err).toContain('openai/blind takes no pictures, so nothing was sent.')
    expect(err).toContain('  fix: ')
    expect(sims.openai.requests()).toEqual([])
  })

  test('alone are a question', async () => {
    expect((await once(['-m', REFS['openai-completions'], '--image', 'dot.png'])).out).toContain('I see image/png')
  })

  test.each([
    ['see @a.md and @b/c.txt, then', ['a.md', 'b/c.txt']],
    ['me@home @', []],
    ['@x\\ y', ['x y']],
    ['(@x) @y!', ['y']],
  ])('%j names %j', (text, paths) => {
    expect(mentionsIn(text).map(({ path }) => path)).toEqual(paths)
  })
})

let talk: Talk
const begin = async (args: readonly string[], columns = 80) => {
  talk = await beginTalk(args, home.path, env, columns)
  return talk
}

describe('a conversation', () => {
  afterEach(async () => {
    talk.type('/exit\r')
    expect(await talk.ended).toBe(0)
  })

  test('sends what is attached with the next question, once', async () => {
    const { say } = await begin([REFS['openai-completions']])
    await say('/file', 'Nothing is attached.')
    await say('/image dot.png', 'With the next question: dot.png (image/png, 16 bytes).')
    await say('/file notes.md', 'dot.png (image/png, 16 bytes), notes.md (text, 14 bytes).')
    await say('/status', 'attached')
    await say('/image notes.md', 'notes.md is no PNG')
    await say('Look', ' out tok · ')
    const [first] = sims.openai.requests()
    expect(first?.body).toContain(PNG.toString('base64'))
    expect(first?.body).toContain('Some ``` notes')
    await say('/file', 'Nothing is attached.')
    await say('/retry openai/blind', 'takes no pictures, so nothing was sent.')
    expect(sims.openai.requests()).toHaveLength(1)
    await say('/save seen.md', 'Saved to')
    expect(readFileSync(join(home.path, 'seen.md'), 'utf8')).toContain('[image: dot.png]')
  })

  test('a picture for a model that sees none stays attached', async () => {
    const { say } = await begin(['openai/blind'])
    await say('/image dot.png', 'With the next question')
    await say('Look', 'takes no pictures, so nothing was sent.')
    await say('/file', 'With the next question: dot.png')
    await say('/file -', 'Nothing is attached.')
    await say('mail me@example.com about @nothing.md', 'There is no file nothing.md: "@nothing.md" is sent as it is.')
    await talk.shell.stderr.until('The model is still openai/blind.')
  })

  test('a model is picked from a list', async () => {
    const { shell, type } = await begin([REFS['openai-completions']])
    const listed = shell.stdout.until('Esc leaves')
    const chosen = shell.stderr.until('Model: kimi-coding/kimi-for-coding (plan).')
    type('/model\r')
    await listed
    type('kforcod\r')
    await chosen
    expect(shell.stdout.text()).toMatch(/kimi-coding\/kimi-for-coding +plan · [\d,]+k? context/)
    expect(shell.stdout.text()).toMatch(/openai\/gpt-4 +metered, \$\d+ in \/ \$\d+ out per M/)
  })

  test.each([
    ['side by side', 160, / │ openai\/gpt-4\.1\n/],
    ['one below the other', 80, /This is the simulated model gpt-4\.1/],
  ])('two models are compared %s, both asked at once', async (_name, columns, shown) => {
    const { shell, say, type } = await begin([REFS['anthropic-messages']], columns)
    await say('/compare openai/gpt-4.1', 'Name two models')
    await say('/compare openai/gpt-4.1 coder', 'Nothing has been asked yet')
    await say('/compare openai/gpt-4.1 nothing/x Hi', '(model_not_found)')
    const both = Promise.all([
      sims.openai.when(requests => requests.length === 1),
      sims.kimi.when(requests => requests.length === 1),
    ])
    const told = shell.stderr.until('Neither answer is kept in the conversation')
    type('/compare kimi-coding/k2p5 openai/gpt-4.1 Hello [[pace 30]]\r')
    await both
    await told
    const text = `${Bun.stripANSI(shell.stdout.text())}\n`
    expect(text).toMatch(shown)
    expect(text).toContain('simulated model kimi-for-coding')
    const everything = text + shell.stderr.text()
    expect(everything).toMatch(/kimi-coding\/kimi-for-coding · \d+ in \/ \d+ out tok · on the plan · /)
    expect(everything).toMatch(/openai\/gpt-4\.1 · \d+ in \/ \d+ out tok · \$/)
    expect(everything).toContain('kimi-coding/kimi-for-coding answers')
    await say('/why', 'kimi-coding/kimi-for-coding')
    await say('/usage', '2 calls')
    await say('/compare openai/gpt-4.1 kimi-coding/k2p5', 'Neither answer is kept')
    expect(sims.openai.requests()[1]?.body).toContain('Hello')
  })

  test('one of two that fails leaves the other', async () => {
    sims.kimi.setFault('status=500')
    try {
      const { shell, say } = await begin(['coder'], 160)
      await say('/compare openai/gpt-4.1 kimi-coding/k2p5 Hello', 'error: ')
      await shell.stderr.until('Neither answer is kept')
      expect(shell.stdout.text()).toContain('simulated model gpt-4.1')
    } finally {
      sims.kimi.setFault(undefined)
    }
  })

  test('both are stopped by one Ctrl-C', async () => {
    const { shell, type } = await begin(['coder'], 160)
    type('/compare openai/gpt-4.1 kimi-coding/k2p5 Hello [[pace 60000]]\r')
    await Promise.all([sims.openai, sims.kimi].map(sim => sim.when(requests => requests.length === 1)))
    const told = shell.stderr.until('Neither answer is kept')
    type('\x03')
    await told
    await Promise.all([sims.openai, sims.kimi].map(sim => sim.when(([first]) => first?.aborted === true)))
  })

  test.each(Object.entries(REFS))(
    'Escape stops an answer over %s at once, and what came stays',
    async (protocol, ref) => {
      const sim = Object.values(sims).find(
        each =>
          each !== sims.kimi &&
          REFS[protocol as keyof typeof REFS] === `${each === sims.responses ? 'answers' : each.kind}/${each.model}`,
      )
      if (sim === undefined) throw new Error('no simulation')
      const { shell, type, say } = await begin([ref])
      const came = shell.stdout.until('word')
      type('Hello [[long 500]] [[pace 100]]\r')
      await came
      const told = shell.stderr.until('Interrupted: the answer stops here, and the request was cancelled.')
      type('\x1b')
      await told
      await sim.when(([first]) => first?.aborted === true)
      await shell.stderr.until(`${ref} · `)
      await say('/why', 'The client left after')
      await say(`/save stopped-${protocol}.md`, 'Saved to')
      expect(readFileSync(join(home.path, `stopped-${protocol}.md`), 'utf8')).toMatch(
        /word\n\n\*Interrupted here\.\*\n$/,
      )
    },
  )

  test('says what was used, and who would answer', async () => {
    const { shell, say } = await begin(['coder'])
    await say('/usage', 'No answer has come yet.')
    await say('Hello', ' · on the plan · ')
    await say('/retry openai/gpt-4.1', ' out tok · $')
    await say('/usage', '1 answer on a plan')
    expect(shell.stderr.text()).toContain('2 calls')
    expect(shell.stderr.text()).toMatch(/paid +\$\S+ for 1 metered answer; 1 answer on a plan/)
    await say('/cost', '2 calls')
    const explained = shell.stdout.until('openai/gpt-4.1')
    talk.type('/route\r')
    await explained
    await say('/route nothing/x', '(model_not_found)')
  })

  test('folds reasoning, and unfolds it', async () => {
    const { shell, say } = await begin([REFS['anthropic-messages']])
    await say('Hello [[think]]', ' out tok · ')
    expect(shell.stdout.text()).toMatch(/Reasoning: \d+ characters · \/think shows it/)
    expect(shell.stdout.text()).not.toContain('I think about it')
    await say('/think', "Reasoning is hidden; the model's own effort.")
    expect(shell.stdout.text()).toContain('I think about it')
    await say('/think on', 'Reasoning is shown')
    const before = shell.stdout.text().length
    await say('Again [[think]]', ' out tok · ')
    expect(shell.stdout.text().slice(before)).toContain('Reasoning:')
  })

  test('is not read in plain as Markdown', async () => {
    const { shell, say } = await begin(['--plain', REFS['openai-completions']])
    await say('**Hello**', ' out tok · ')
    expect(shell.stdout.text()).toContain('You said: "**Hello**".\n')
  })
})

describe('the history', () => {
  const file = join(home.dataDir, 'chat-history')

  test('is there in the next conversation, without secrets', async () => {
    const { say } = await begin([REFS['openai-completions']])
    await say('A question of the history', ' out tok · ')
    await say('/system My key is sk-kimi-0123456789abcdefghij', 'System prompt set.')
    await say('/exit', '')
    await talk.ended
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toContain('"A question of the history"\n')
    expect(readFileSync(file, 'utf8')).not.toContain('sk-kimi')
    const next = await begin([REFS['openai-completions']])
    const again = next.shell.stderr.until(' out tok · ')
    // The last one is /exit.
    next.type('\x1b[A\x1b[A\r')
    await again
    expect(sims.openai.requests().at(-1)?.body).toContain('A question of the history')
    next.type('\x04')
    expect(await next.ended).toBe(0)
  })

  test('is not kept with --no-history', async () => {
    const { say } = await begin(['--no-history', REFS['openai-completions']])
    await say('Nobody may know this', ' out tok · ')
    await say('/exit', '')
    await talk.ended
    expect(readFileSync(file, 'utf8')).not.toContain('Nobody may know this')
  })
})

describe('leaving', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s gives the terminal back', async (signal, exit) => {
    const { shell, ended } = await begin([REFS['openai-completions']])
    shell.signal(signal)
    expect(await ended).toBe(exit)
    expect(shell.stdout.text()).toEndWith('\x1b[?2004l')
  })

  test('by Ctrl-C twice while an answer comes', async () => {
    const { ended, type, shell } = await begin([REFS['openai-completions']])
    type('Hello [[pace 60000]]\r')
    await sims.openai.when(requests => requests.length === 1)
    type('\x03\x03')
    expect(await ended).toBe(130)
    expect(shell.stdout.text()).toEndWith('\x1b[?2004l')
  })
})

describe('one answer as JSON', () => {
  test('has answer, model, usage, cost and the id of the receipt', async () => {
    const { exit, out } = await once(['--json', REFS['openai-completions'], 'Hello'])
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      text: expect.stringContaining('You said: "Hello"'),
      model: REFS['openai-completions'],
      usage: { input: expect.any(Number), output: expect.any(Number) },
      cost: { type: 'metered', nanoUsd: expect.any(Number) },
      requestId: expect.stringMatching(/^req_/),
    })
  })
})
