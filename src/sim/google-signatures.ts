import { googleRefusal } from './google-failure.ts'
import type { Failure } from './reply.ts'
import { seal, unseal } from './seal.ts'

/** Thought signatures as ai.google.dev/gemini-api/docs/thought-signatures describes them. */

const SIGNER = 'google'
/** How a signature begins at the real provider. */
const MARK = 'Eqo+'
/** What the pages name for calls that no Gemini model made. */
const PLACEHOLDERS: readonly string[] = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']
/** Models that demand signatures back: all since Gemini 3. */
const DEMANDING = /^gemini-(?:[3-9]|(?:flash|flash-lite|pro)-latest)/

/** True for a model that refuses function calls of the current turn without their signature. */
export function demandsSignatures(model: string): boolean {
  return DEMANDING.test(model)
}

/** The signature over what was thought. */
export function thoughtSignature(thoughts: string): string {
  return seal(SIGNER, `thoughts: ${thoughts}`, MARK)
}

/** The refusal of a signature this provider did not make. Bytes may come back in either base64 alphabet. */
export function signatureFailure(signature: string): Failure | undefined {
  if (PLACEHOLDERS.includes(signature)) return undefined
  const plain = Buffer.from(signature, 'base64').toString('base64')
  return unseal(SIGNER, plain, MARK) === undefined ? googleRefusal(400, 'Thought signature is not valid.') : undefined
}

/** The refusal of a call without signature; `position` counts the contents from 1. */
export function missingSignature(name: string, position: number): Failure {
  return googleRefusal(
    400,
    `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
  )
}
