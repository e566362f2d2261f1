import type { Loss } from '../canon/loss.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import { quirksOfModel } from '../wire/quirks.ts'
import { canonReader } from './prepare.ts'
import { readRequestHead } from './read-request.ts'
import type { CourseLeg } from './route.ts'
import type { Trip } from './trip.ts'

const encoder = new TextEncoder()

/**
 * The `provider/model` whose signed thinking the conversation carries, as far as that was seen here; else, by assumption, the route's first target.
 * Undefined if it carries none, or the call cannot go to another model anyway.
 */
export function signerOf({ call, canon, course, house }: Trip): string | undefined {
  const { seals } = call.protocol
  const others = course.legs.some(leg => leg.target.ref !== course.legs[0]?.target.ref)
  if (seals === undefined || !others || call.operation !== 'generate') return undefined
  const read = canon()
  if (isProblem(read)) return undefined
  const signatures = seals.signaturesIn(read.body)
  if (signatures.length === 0) return undefined
  // The newest counts: it belongs to the turn that goes on.
  const known = signatures.map(signature => house.seals.signerOf(signature)).filter(ref => ref !== undefined)
  return known.at(-1) ?? course.first.ref
}

/** The same call without the thinking another model signed, and what that loses. */
export function withoutSigned(trip: Trip, { target }: CourseLeg): Trip | Problem {
  const { call, canon } = trip
  const { seals } = call.protocol
  const read = canon()
  if (isProblem(read)) return read
  if (seals === undefined) return trip
  const same = target.provider.endpoints.find(({ protocol }) => protocol === call.protocol.id)
  const to = same === undefined ? 'translated' : quirksOfModel(same.quirks, target.model)
  const { body, losses } = seals.withoutSeals(read.body, to)
  const bare = { ...call, body: encoder.encode(JSON.stringify(body)) }
  const head = readRequestHead(bare)
  if (isProblem(head)) return head
  const removed: readonly Loss[] = [...trip.removed, ...losses]
  return { ...trip, call: bare, head, canon: canonReader(bare), removed }
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
