import { containsAny, wordsToFind } from '../base/contains.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import { quirksOfModel } from '../wire/quirks.ts'
import { canonReader } from './prepare.ts'
import { readRequestHead } from './read-request.ts'
import type { CourseLeg } from './route.ts'
import type { Trip } from './trip.ts'

const encoder = new TextEncoder()

/** Who signed the thinking that a conversation carries. */
export interface Signers {
  /** The `provider/model` that signed last: the turn that goes on is its. Undefined if nothing is signed. */
  readonly newest: string | undefined
  /** True if somebody else than this `provider/model` signed something. */
  foreignTo(ref: string): boolean
}

/** One of these stands wherever a protocol puts what a model has signed; carriers begin with the last. */
const SEAL_WORDS = wordsToFind('ignature', 'encrypted_content', 'redacted_thinking', 'reasoning_details', 'candor1')

const NOBODY: Signers = { newest: undefined, foreignTo: () => false }

/**
 * Finds the signatures in a request, and who gave them as far as that was seen here; what nobody saw counts as the route's first target's. Not
 * looked for where the call cannot go to another model anyway.
 */
export function signersOf({ call, canon, course, house }: Trip): Signers {
  const { seals } = call.protocol
  const others = course.legs.some(leg => leg.target.ref !== course.legs[0]?.target.ref)
  if (seals === undefined || !others || call.operation !== 'generate') return NOBODY
  // Most conversations carry nothing of the kind, and are not parsed to find that out.
  if (!containsAny(call.body, SEAL_WORDS)) return NOBODY
  const read = canon()
  if (isProblem(read)) return NOBODY
  const refs = seals.signaturesIn(read.body).map(seal => house.seals.signerOf(seal) ?? course.first.ref)
  if (refs.length === 0) return NOBODY
  return { newest: refs.at(-1), foreignTo: ref => refs.some(signer => signer !== ref) }
}

/** The same call without the thinking that another model signed, and what that loses. What the target itself signed stays. */
export function withoutSigned(trip: Trip, { target }: CourseLeg): Trip | Problem {
  const { call, canon, house } = trip
  const { seals } = call.protocol
  const read = canon()
  if (isProblem(read)) return read
  if (seals === undefined) return trip
  const same = target.provider.endpoints.find(({ protocol }) => protocol === call.protocol.id)
  const to = same === undefined ? 'translated' : quirksOfModel(same.quirks, target.model)
  const unsealed = seals.withoutSeals(read.body, to, seal => house.seals.signerOf(seal) === target.ref)
  const bare = { ...call, body: encoder.encode(JSON.stringify(unsealed.body)) }
  const head = readRequestHead(bare)
  if (isProblem(head)) return head
  const { losses, assumptions } = unsealed
  return { ...trip, call: bare, head, canon: canonReader(bare), removed: { losses, assumptions } }
}

/** What a call is told whose conversation would change hands. */
export function signedElsewhere(leg: CourseLeg, signer: string): Problem {
  return problem(
    'untranslatable',
    `The conversation carries thinking that ${signer} signed, and ${leg.target.ref} is another model.`,
    {
      why: 'Providers refuse the signed thinking of another model, or read it wrongly. The route says what to do: signedReasoning.',
      fix: [
        'Begin a new conversation.',
        'Or set signedReasoning: "remove" on the route: the thinking is then taken out, and the receipt says so.',
      ],
      provider: leg.target.provider.id,
      model: leg.target.model,
    },
  )
}
