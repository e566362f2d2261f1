import { PROBLEM_CODES, PROBLEMS } from '../../../src/canon/problem.ts'
import { EXIT, type Verb } from '../../../src/cli/verb.ts'

/** `candor problems`. */
export const problems: Verb = {
  name: 'problems',
  summary: 'What each problem code means',
  examples: [{ line: 'candor problems', about: 'one line for each code' }],
  async run(_given, { print }) {
    const rows = PROBLEM_CODES.map(code => [code, PROBLEMS[code].meaning])
    if (print.json) print.document({ problems: Object.fromEntries(rows) })
    else print.table([{ title: 'Code' }, { title: 'Meaning', flexible: true }], rows)
    return EXIT.ok
  },
}
