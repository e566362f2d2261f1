import type { StatusView } from './contract.ts'

/** Why the gateway takes no calls now, a few words each; empty if it does. What `/readyz` goes by. */
export function notReadyReasons({ draining }: Pick<StatusView, 'draining'>): readonly string[] {
  return draining ? ['shutting down'] : []
}
