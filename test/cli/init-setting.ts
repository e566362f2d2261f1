import { Secret } from '../../src/base/secret.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { Provider } from '../../src/catalog/provider.ts'
import { Back, Cancelled, type Choice, type Prompter } from '../../src/cli/init/prompter.ts'
import { runInit } from '../../src/cli/init/run-init.ts'
import { CliFault } from '../../src/cli/verb.ts'
import { deskOf, fakeShell, given } from './fake-shell.ts'
import type { HomeFolder } from './home-folder.ts'

/** What a person does at one question: chooses by a part of the label, types, says yes or no, goes back, or leaves. */
export type Reply = string | boolean | 'Ctrl-C' | 'Esc'

/** A prompter that answers from a list, and keeps what was asked. Questions beyond the list are an error. */
export function scripted(replies: readonly Reply[]): Prompter & { readonly asked: string[] } {
  const asked: string[] = []
  const left = [...replies]
  const next = (message: string): Reply => {
    asked.push(message)
    const reply = left.shift()
    if (reply === undefined) throw new Error(`nobody answers "${message}"`)
    if (reply === 'Ctrl-C') throw new Cancelled()
    if (reply === 'Esc') throw new Back()
    return reply
  }
  const labelled = <T>(message: string, choices: readonly Choice<T>[]): T => {
    const reply = String(next(message))
    const found = choices.find(({ label, hint }) => `${label} ${hint ?? ''}`.includes(reply))
    if (found === undefined)
      throw new Error(`"${message}" has no "${reply}": ${choices.map(({ label }) => label).join(', ')}`)
    return found.value
  }
  return {
    asked,
    select: async (message, choices) => labelled(message, choices),
    search: async message => String(next(message)),
    text: async (message, fault) => {
      const text = String(next(message))
      if (fault(text) !== undefined) throw new Error(`"${text}" is refused: ${fault(text)}`)
      return text
    },
    secret: async message => {
      const text = String(next(message))
      return text === '' ? undefined : new Secret(text)
    },
    confirm: async message => next(message) === true,
  }
}

/** How `candor init` is run in a test. */
export interface InitRun {
  readonly home: HomeFolder
  readonly replies?: readonly Reply[]
  readonly options?: Record<string, string | true>
  readonly env?: Record<string, string>
  readonly input?: string
  readonly json?: boolean
  /** A person sits there; absent: yes, if there are replies. */
  readonly tty?: boolean
  /** The catalogue; absent: the real one without its local servers, one of which may run on this machine. */
  readonly rows?: readonly Provider[]
}

/** Runs it, and gives all that came of it. */
export async function init(run: InitRun) {
  const { home, replies = [], options = {}, env = {}, rows } = run
  const tty = run.tty ?? run.replies !== undefined
  const shell = fakeShell({
    home: home.path,
    env: { ...home.env, NO_COLOR: '1', ...env },
    tty,
    ...(run.input === undefined ? {} : { input: run.input }),
  })
  const prompter = scripted(replies)
  let served = false
  const parts = {
    prompter: () => prompter,
    rows: rows ?? PROVIDERS.filter(({ billing }) => billing !== 'local'),
    serve: async () => {
      served = true
      return 0
    },
  }
  const words: Record<string, string | true> = { probe: true, ...options }
  if (options['no-probe'] === true) delete words['probe']
  const ended = await runInit(given([], words), deskOf(shell, run.json), parts).then(
    exit => ({ exit, fault: undefined }),
    (error: unknown) => {
      if (error instanceof CliFault) return { exit: error.exit, fault: error }
      throw error
    },
  )
  return { ...ended, out: shell.stdout.text(), err: shell.stderr.text(), asked: prompter.asked, served }
}
