/** Longest name kept, in characters. */
const NAME_CHARS_MAX = 60

/** Where the name ends: at a version, with or without a `v`, or at a comment. */
const END_OF_NAME = /[/ @]v?\d|[_-]v?\d+\.\d|[(;,]/

/**
 * The program's name out of a `User-Agent`, without version and comments, for counting by client: `claude-cli/1.0.83 (external)` is
 * `claude-cli`, `OpenAI/Python 1.99.0` is `OpenAI/Python`. Empty if there is none.
 */
export function clientProduct(userAgent: string): string {
  const end = userAgent.search(END_OF_NAME)
  const name = end < 0 ? userAgent : userAgent.slice(0, end)
  return name.trim().slice(0, NAME_CHARS_MAX)
}
