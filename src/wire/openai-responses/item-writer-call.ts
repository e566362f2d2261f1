import type { BlockHead } from '../../canon/event.ts'
import { packCallId } from '../../canon/reasoning-carrier.ts'
import {
  type BlockWriter,
  type Delta,
  type ItemStatus,
  type ItemWriter,
  itemFields,
  type Scene,
  strange,
} from './item-writer.ts'

/** Begins a `function_call` or `custom_tool_call`. What the provider signed it with goes into its `call_id`. */
export function openCallWriter(
  call: BlockHead & { readonly type: 'tool-call' },
  scene: Scene,
): BlockWriter & ItemWriter {
  const words = call.custom ? CUSTOM : FUNCTION
  const id = scene.newId(words.prefix)
  const callId = packCallId(call.id || scene.newId('call'), call.signature)
  const names = `"call_id":${JSON.stringify(callId)},"name":${JSON.stringify(call.name)}`
  const head = `{"id":${JSON.stringify(id)},"type":"${words.type}",${names}`
  const place = scene.add(`${head},"status":"in_progress","${words.field}":""}`)
  const fields = itemFields(id, place)
  const deltaFields = `${fields},"delta":`
  let input = ''
  let said = '""'
  let open = true

  function say(text: string): void {
    input += text
    scene.write(words.delta, `${deltaFields}${JSON.stringify(text)}`)
  }

  return {
    idle: () => !open,
    delta(delta: Delta) {
      if (delta.type !== 'input') strange(delta, scene)
      else if (delta.text !== '') say(delta.text)
    },
    stop() {
      open = false
      if (input === '' && !call.custom) say('{}')
      said = JSON.stringify(input)
      scene.write(words.done, `${fields},"${words.field}":${said}`)
    },
    close: (status: ItemStatus) => scene.finish(place, `${head},"status":"${status}","${words.field}":${said}}`),
  }
}

const FUNCTION = {
  prefix: 'fc',
  type: 'function_call',
  field: 'arguments',
  delta: 'response.function_call_arguments.delta',
  done: 'response.function_call_arguments.done',
} as const

const CUSTOM = {
  prefix: 'ctc',
  type: 'custom_tool_call',
  field: 'input',
  delta: 'response.custom_tool_call_input.delta',
  done: 'response.custom_tool_call_input.done',
} as const
