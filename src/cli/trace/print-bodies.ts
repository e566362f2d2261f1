import type { BodiesView, BodyView } from '../../admin/bodies.ts'
import { indentJson } from '../../base/indent-json.ts'
import { showBytes, showTime } from '../amounts.ts'
import { indent } from '../print.ts'
import { harmless, oneLine } from '../terminal-text.ts'
import type { Desk } from '../verb.ts'

/** What was asked and answered, for a person: JSON with a line for each member, anything else as it was, harmless on a terminal. */
export function printBodies(
  { id, keptUntil, request, reply, notReplayable }: BodiesView,
  { print, shell }: Desk,
): void {
  const say = (text: string) => {
    for (const line of indent(text, '', shell.stdout)) print.line(line)
  }
  const show = (title: string, body: BodyView) => {
    print.line()
    for (const line of indent(factsOf(body), `${print.paint('bold', title)}  `, shell.stdout)) print.line(line)
    print.line(harmless(isJson(body) ? indentJson(body.text) : body.text).trimEnd())
  }
  show('Request', request)
  if (reply !== undefined) show('Answer', reply)
  print.line()
  if (reply === undefined) say('The client left before there was an answer.')
  if (keptUntil > shell.clock.now()) say(`Kept until ${showTime(keptUntil)}, or until the room is needed.`)
  else say('Kept no longer: the gateway removes it when it looks again.')
  if (notReplayable === undefined) say(`Make the call again: candor replay ${id}`)
  else say(`It cannot be made again: ${notReplayable}`)
}

function factsOf({ contentType, bytes, keptBytes, shownBytes, masked, cut }: BodyView): string {
  return [
    oneLine(contentType, 80),
    showBytes(bytes),
    ...(masked ? ['what looks like a key is masked'] : []),
    ...(cut ? [`only the first ${showBytes(keptBytes)} are kept`] : []),
    ...(shownBytes === undefined ? [] : [`only the first ${showBytes(shownBytes)} are shown`]),
  ].join(', ')
}

/** A cut text is no JSON any more, and still easier to read so. */
function isJson({ contentType, text }: BodyView): boolean {
  return /^application\/json\b/.test(contentType) && /^\s*[{[]/.test(text)
}
