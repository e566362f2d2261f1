import type { Random } from './storm-random.ts'

/** Share of the requests that go well, so that breakers close again. */
const WELL = 0.62

/** What can go wrong with an answer, each as likely. `never` lasts until the gateway's own time limits. */
const FAULTS: readonly string[] = [
  'status=429',
  'status=429;retry-after=1',
  'status=429;retry-after=600',
  'status=500',
  'status=502;content-type=text/html;body=<h1>Bad Gateway</h1>',
  'status=503',
  'status=529',
  'status=400',
  'status=401',
  'status=402',
  'status=403',
  'status=404',
  'status=204',
  'delay=30',
  'delay=150',
  'delay=never',
  'stall=50;after=0',
  'stall=80;after=2',
  'stall=never;after=0',
  'stall=never;after=2',
  'cut=0',
  'cut=0;how=reset',
  'cut=150',
  'cut=700;how=reset',
  'cut=400;framing=close',
  'cut=90;framing=length',
  'end-early=0',
  'end-early=3',
  'error=0',
  'error=3',
  'garbage=64;after=0',
  'garbage=900;after=2',
  'malformed=0',
  'malformed=3',
  'huge=1;event=2',
  'bad-chunk=0',
  'bad-chunk=2',
  'drip=0',
  'reset=before',
  'reset=headers',
  'content-type=text/html',
  'extra=garbage',
  'extra=response',
  'gzip-bomb=2',
  'headers=16',
  'both-lengths=5',
  'informational=20',
]

/** A fault for a request, or none. `elsewhere`: where a redirect leads, which nobody may follow. */
export function faultFrom(random: Random, elsewhere: string): string | undefined {
  if (random.chance(WELL)) return undefined
  const fault = random.below(FAULTS.length + 1)
  return FAULTS[fault] ?? `redirect=${random.pick([301, 302, 303, 307, 308])};to=${elsewhere}`
}
