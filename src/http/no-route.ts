import { redactText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'
import { familyAt } from './model-lists.ts'
import { problemAt } from './plain-problem.ts'
import { GEMINI_CALLS, geminiCallIn, methodsOf } from './routes.ts'

/** Answers a request that leads nowhere: no such path, or not with this method. */
export function noRoute(method: string, path: string, headers: Headers): Response {
  const methods = methodsOf(path)
  const family = familyAt(path, headers)
  const verb = method === 'POST' ? geminiCallIn(path) : undefined
  if (verb !== undefined) return problemAt(family, noGeminiCall(verb), 404)
  if (methods.length === 0) return problemAt(family, noPath(path), 404)
  const response = problemAt(family, wrongMethod(method, path, methods), 405)
  response.headers.set('allow', methods.join(', '))
  return response
}

function noGeminiCall(verb: string): Problem {
  return problem('bad_request', `The gateway has no Gemini call "${verb.slice(0, 40)}".`, {
    why: 'What stands behind the colon of the path names the call, and this one is not among those the gateway serves.',
    fix: [
      `It has ${GEMINI_CALLS.join(', ')}.`,
      'Embeddings, also those of Gemini models: POST /v1/embeddings, as OpenAI has it.',
    ],
  })
}

function wrongMethod(method: string, path: string, methods: readonly string[]): Problem {
  const may = methods.join(' or ')
  return problem('bad_request', `${shown(path)} takes ${may}, not ${method.slice(0, 10)}.`, {
    why: 'The path exists, but not for this method.',
    fix: [`Send it as ${may}.`, 'GET /candor/openapi.json lists all paths.'],
  })
}

function noPath(path: string): Problem {
  return problem('bad_request', `The gateway has no path ${shown(path)}.`, {
    why: 'The path is mistyped, or the base URL the client was given ends in the wrong place.',
    fix: [
      'OpenAI clients: base URL with /v1. Anthropic clients: base URL without /v1. Gemini clients: without /v1beta.',
      'GET /candor/openapi.json lists all paths.',
    ],
  })
}

function shown(path: string): string {
  return redactText(path.slice(0, 100)).replace(/[^\x20-\x7e]/g, '?')
}
