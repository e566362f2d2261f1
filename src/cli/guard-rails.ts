/** How to start Candor properly, for whom it was started otherwise. */
export function guardRailText(missing: readonly string[]): string {
  return [
    'Candor was not started by its launcher, or the environment takes its guard rails away.',
    ...missing.map(each => `  why: ${each}.`),
    '  fix: start it with "candor" (in a checkout: node bin/candor), and unset the variables named above.',
  ].join('\n')
}
