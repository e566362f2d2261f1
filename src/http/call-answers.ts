import { type CallsSource, callsHistogramView, callsView } from '../admin/calls.ts'
import type { KeyKnowledge } from '../admin/keys.ts'
import { isProblem, type Problem } from '../canon/problem.ts'
import type { Asked } from './answers.ts'
import type { Caller } from './caller.ts'
import { plainProblem } from './plain-problem.ts'
import type { CallQuestion } from './routes.ts'

/** What the questions about calls are answered from. */
export interface CallKnowledge extends Pick<KeyKnowledge, 'keys' | 'configKeys' | 'now'> {
  readonly ledger: CallsSource['ledger']
}

/** The questions about calls. Who is no administrator sees only the calls of its own key. */
export const CALL_ANSWERS: Readonly<Record<CallQuestion, (know: CallKnowledge, asked: Asked) => Promise<Response>>> = {
  calls: async (know, { query, caller }) => reply(await callsView(query, sourceOf(know), ownKeyOf(caller))),
  callsHistogram: async (know, { query, caller }) =>
    reply(await callsHistogramView(query, sourceOf(know), ownKeyOf(caller))),
}

function sourceOf({ ledger, keys, configKeys, now }: CallKnowledge): CallsSource {
  return {
    ledger,
    now,
    keyId: name => [...configKeys(), ...keys.list()].find(key => key.id === name || key.name === name)?.id,
  }
}

/** The key whose calls a caller may see; undefined: those of all. */
export function ownKeyOf({ admin, key }: Caller): string | undefined {
  return admin ? undefined : (key?.id ?? '')
}

function reply(answer: object | Problem): Response {
  return isProblem(answer) ? plainProblem(answer) : Response.json(answer)
}
