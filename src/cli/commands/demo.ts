import type { Verb } from '../verb.ts'
import { LISTEN_OPTIONS, serveDemo } from './serve.ts'

/** `candor demo`. */
export const demo: Verb = {
  name: 'demo',
  summary: 'Start the gateway with simulated providers only: no key, no cost, no configuration',
  options: LISTEN_OPTIONS,
  examples: [{ line: 'candor demo', about: 'then paste the curl line it prints' }],
  run: serveDemo,
}
