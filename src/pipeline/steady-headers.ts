/**
 * The headers of one answer after the other. Most stand in the one before too, and to give the runtime all of them anew costs more than twice as much
 * as to set the few that differ.
 */
export class SteadyHeaders {
  #headers = new Headers()
  /** What is in them; undefined where that is not sure. */
  #last: Readonly<Record<string, string>> | undefined = {}

  /**
   * Headers of these names and values, until the next are asked for: a response copies them when it is made. Takes the record over. Throws, as `Headers`
   * does, if something cannot stand in a header.
   */
  of(wanted: Readonly<Record<string, string>>): Headers {
    const last = this.#last
    this.#last = undefined
    if (last === undefined) this.#headers = new Headers(wanted)
    else this.#change(last, wanted)
    this.#last = wanted
    return this.#headers
  }

  #change(last: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): void {
    for (const name in last) if (wanted[name] === undefined) this.#headers.delete(name)
    for (const name in wanted) {
      const value = wanted[name]
      if (value !== undefined && value !== last[name]) this.#headers.set(name, value)
    }
  }
}
