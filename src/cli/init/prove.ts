import type { AppOptions } from '../../app/app.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import { type Answer, announce, ask, receiptOf, tellEnding } from '../chat/ask.ts'
import { openConversation } from '../chat/conversation.ts'
import { type Drawing, silentDrawing } from '../chat/drawing.ts'
import { footer, tellFooter } from '../chat/footer.ts'
import type { Access } from '../gateway-access.ts'
import { openAside } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { harmless, oneLine } from '../terminal-text.ts'
import type { Desk } from '../verb.ts'
import { Cancelled } from './prompter.ts'

/** Short, so that it costs little; an answer that a person can judge. */
const QUESTION = 'Say hello and who you are, in one short sentence.'

/**
 * Makes one real call with the configuration as it would be, and shows the answer while it comes. Nothing of the person's is written. Rejects
 * with {@link Cancelled} if they stop it.
 */
export async function prove(ref: string, options: AppOptions, desk: Desk): Promise<Answer> {
  const { shell, print } = desk
  const stop = new AbortController()
  const release = shell.onSignal(() => stop.abort())
  try {
    const app = await openAside(options)
    try {
      const token = app.adminToken?.reveal() ?? ''
      const access: Access = {
        running: false,
        where: 'answered in this process',
        asksForKey: async () => false,
        close: () => app.close(),
        handle(request) {
          const headers = new Headers(request.headers)
          headers.set('user-agent', OWN_USER_AGENT)
          headers.set('authorization', `Bearer ${token}`)
          return app.handle(new Request(request, { headers }))
        },
      }
      return await asked(ref, access, stop.signal, desk)
    } finally {
      await app.close()
    }
  } finally {
    release()
    print.note()
  }
}

async function asked(ref: string, access: Access, stop: AbortSignal, desk: Desk): Promise<Answer> {
  const { shell, print } = desk
  const words = `Asking ${oneLine(ref)} to say hello: one short, real call. Ctrl-C stops it.`
  for (const line of indent(words, '', shell.stderr)) print.note(line)
  print.note()
  const began = shell.clock.monotonicMs()
  const question = { text: QUESTION, model: ref, stop, begun: announcing(desk, ref) }
  const answer = await ask(access, openConversation(ref, ''), question, print.json ? silentDrawing : plainDrawing(desk))
  if (answer.outcome === 'stopped') throw new Cancelled()
  tellEnding(withoutTrace(answer), desk)
  if (answer.outcome === 'whole')
    tellFooter(footer(answer, await receiptOf(access, answer), shell.clock.monotonicMs() - began), desk)
  return answer
}

function announcing(desk: Desk, ref: string) {
  return (answerer: Parameters<typeof announce>[2]) => announce(desk, ref, answerer)
}

/** Every piece as it comes: the first answer is watched. */
function plainDrawing({ print }: Desk): Drawing {
  let last = '\n'
  return {
    reasoning() {},
    text(piece) {
      print.raw(harmless(piece))
      last = piece.at(-1) ?? last
    },
    finish() {
      if (last !== '\n') print.raw('\n')
      last = '\n'
    },
  }
}

/** The ledger of this call goes with the app: nobody could look it up. */
function withoutTrace(answer: Answer): Answer {
  if (answer.trouble === undefined) return answer
  const { requestId: _, ...trouble } = answer.trouble
  return { ...answer, trouble }
}
