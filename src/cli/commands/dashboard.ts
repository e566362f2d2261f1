import { asNumber, asString } from '../../base/json-value.ts'
import { accessOptions, openAccess } from '../gateway-access.ts'
import { ask } from '../questions.ts'
import { CliFault, EXIT, URL_OPTION, type Verb } from '../verb.ts'

/** `candor dashboard`. */
export const dashboard: Verb = {
  name: 'dashboard',
  summary: 'A link that signs a browser in to the dashboard',
  options: [URL_OPTION],
  examples: [{ line: 'candor dashboard', about: 'for the gateway that runs on this machine' }],
  async run(given, desk) {
    const access = await openAccess(accessOptions(given, 'none'), desk)
    try {
      if (access.url === undefined)
        throw new CliFault(EXIT.absent, 'No gateway runs, so there is no dashboard.', {
          fix: ['Start one: candor serve'],
        })
      const made = await ask(access, '/candor/sign-in-links', { body: {} })
      const url = `${access.url}${asString(made['path']) ?? ''}`
      const expiresAt = asNumber(made['expiresAt'])
      if (desk.print.json) desk.print.document({ url, expiresAt })
      else {
        desk.print.line(url)
        desk.print.note('It works once, within ten minutes, and signs that browser in.')
      }
      return EXIT.ok
    } finally {
      await access.close()
    }
  },
}
