/** Throws if the condition does not hold: for what the code itself promises, never for input. Stays on in production. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`broken promise in Candor: ${promise}`)
}

/** For the end of an exhaustive switch: a compile error if a case was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`broken promise in Candor: unhandled case ${JSON.stringify(value)}`)
}
