/**
 * What becomes of a loss. `semantic`: the answer would change, so the call is refused unless the caller allows it. `hint`: it would
 * not, so the call goes on and the loss is told.
 */
export type LossKind = 'semantic' | 'hint'

/** Something the client asked for that the target's protocol, or this provider, has no words for. */
export interface Loss {
  /** The name in the parameter table, such as `logit_bias`: what `candor-allow-loss` and `translate.allowLoss` take. */
  readonly parameter: string
  /** Where it stands in the client's own request: `messages[3].content[1].cache_control`. */
  readonly path: string
  readonly kind: LossKind
  /** Why the target cannot have it, one clause. */
  readonly reason: string
}

/** Something the target demands and the client did not say, filled in: told in the receipt, never silent. */
export interface Assumption {
  /** Where it stands in the upstream request. */
  readonly path: string
  /** The value sent, as text. */
  readonly value: string
  readonly reason: string
}
