import { choicesLine, SERVICE_MARK, type ServicePlan } from './plan.ts'
import { xmlText } from './quoting.ts'

/** The service's name, for `launchctl`. */
export const LABEL = 'candor.gateway'

/** 0077, as launchd.plist(5) wants it: in decimal digits. */
const UMASK = 63

/**
 * The property list for launchd. It has no file of variables, so the runtime reads it (`node --env-file`, from 20.6 on). launchd knows no exit code
 * that ends its tries; it waits ten seconds between them.
 */
export function launchdPlist(plan: ServicePlan): string {
  const { program, choices, places, logFile, stopWithinS } = plan
  const { runtime, launcher } = program
  const environment = choices.envFile === null || runtime === undefined ? [] : [`--env-file=${choices.envFile}`]
  const words = [...(runtime === undefined ? [] : [runtime, ...environment]), launcher, 'serve', ...choices.serve]
  const variables = Object.entries(places).flatMap(([name, value]) => [
    `    <key>${xmlText(name)}</key>`,
    `    <string>${xmlText(value)}</string>`,
  ])
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${SERVICE_MARK} -->
<!-- ${withoutTwoHyphens(choicesLine(plan))} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words.map(word => `    <string>${xmlText(word)}</string>`).join('\n')}
  </array>
${variables.length === 0 ? '' : `  <key>EnvironmentVariables</key>\n  <dict>\n${variables.join('\n')}\n  </dict>\n`}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>${stopWithinS}</integer>
  <key>Umask</key>
  <integer>${UMASK}</integer>
  <key>StandardOutPath</key>
  <string>${xmlText(logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${xmlText(logFile)}</string>
</dict>
</plist>
`
}

/** In a comment of XML no two hyphens may meet; all of these stand in strings of JSON, which can write them otherwise. */
function withoutTwoHyphens(json: string): string {
  return json.replaceAll('--', String.raw`-\u002d`)
}
