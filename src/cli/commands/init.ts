import { PROVIDERS } from '../../catalog/index.ts'
import { openPrompter } from '../init/prompter.ts'
import { runInit } from '../init/run-init.ts'
import { INIT_OPTIONS } from '../init/wishes.ts'
import type { Verb } from '../verb.ts'
import { serve } from './serve.ts'

/** `candor init`. */
export const init: Verb = {
  name: 'init',
  summary: 'Set up a first provider: finds keys and local servers, makes one real call, then writes',
  options: INIT_OPTIONS,
  asks: true,
  examples: [
    { line: 'candor init', about: 'asks; candor alone does the same while there is no configuration' },
    {
      line: 'candor init --provider openai --model gpt-4.1 --no-input',
      about: 'asks nothing; the key has to be in OPENAI_API_KEY',
    },
    {
      line: 'candor init --provider openai --model gpt-4.1 --key-stdin < key.txt',
      about: 'the key goes into a file only you can read',
    },
  ],
  notes: () =>
    'Nothing is written before the call has answered (or --no-probe), and nothing of a configuration that is there is changed without being shown. Ctrl-C at any moment leaves everything as it was.',
  run: (given, desk) =>
    runInit(given, desk, {
      prompter: ({ shell }) => openPrompter(shell),
      rows: PROVIDERS,
      serve: async (...args) => (await serve.run?.(...args)) ?? 0,
    }),
}
