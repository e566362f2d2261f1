import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { openHttpReader, type ReadFault, type ReceivedRequest } from './http-reader.ts'
import type { Step } from './plan.ts'

/** What a server does with a request. `ended` is called once: with true if the client left before the answer was out. */
export interface Exchange {
  readonly steps: Iterable<Step>
  ended(left: boolean): void
}

/** Text that is gathered before it is written, in characters. */
const WRITE_CHARS = 16 * 1024

/** Serves the requests of one socket, one after the other, until either side closes. */
export function serveConnection(socket: Socket, clock: Clock, answer: (request: ReceivedRequest) => Exchange): void {
  const reader = openHttpReader()
  const life = watch(socket, clock)
  let busy = false

  async function exchange(request: ReceivedRequest): Promise<void> {
    busy = true
    const { steps, ended } = answer(request)
    const end = await play(socket, steps, life)
    ended(end === 'left')
    if (end !== 'answered') return
    busy = false
    pump()
  }

  function pump(): void {
    if (busy || life.left()) return
    const found = reader.next()
    if (found === undefined) {
      if (reader.wantsContinue()) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    } else if ('status' in found) {
      busy = true
      refuse(socket, found)
    } else void exchange(found)
  }

  socket.setNoDelay(true)
  socket.on('data', bytes => {
    if (reader.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)) pump()
    else socket.destroy()
  })
}

interface Life {
  /** The client closed its side, or the connection broke. */
  left(): boolean
  /** After the delay, or at once when the client leaves. */
  pause(ms: number): Promise<void>
  /** When written bytes have left, or at once when the client leaves. */
  drained(): Promise<void>
}

function watch(socket: Socket, clock: Clock): Life {
  let gone = false
  let wake: (() => void) | undefined
  const rouse = () => {
    const waiting = wake
    wake = undefined
    waiting?.()
  }
  const leave = () => {
    gone = true
    rouse()
  }
  socket.on('end', leave)
  socket.on('close', leave)
  // A broken connection is news the life above already has; without a listener it would end the process.
  socket.on('error', leave)
  socket.on('drain', rouse)
  const sleep = () =>
    new Promise<void>(resolve => {
      wake = resolve
    })
  return {
    left: () => gone,
    async pause(ms) {
      let over = false
      const fire = () => {
        over = true
        rouse()
      }
      const cancel = ms === Number.POSITIVE_INFINITY ? undefined : clock.after(ms, fire)
      // A drain wakes sleepers too.
      while (!gone && !over) await sleep()
      cancel?.()
    },
    async drained() {
      while (!gone && socket.writableNeedDrain) await sleep()
    },
  }
}

/** Does the steps. `closed`: one of them ended the connection. `left`: the client did, before the last of them. */
async function play(socket: Socket, steps: Iterable<Step>, life: Life): Promise<'answered' | 'closed' | 'left'> {
  // Texts with no pause between them leave in one write: a system call an event would be the simulator's largest cost.
  let held = ''
  for (const step of steps) {
    if (life.left()) return 'left'
    const bytes = step.do === 'raw' || step.do === 'send' ? step.bytes : undefined
    if (typeof bytes === 'string') {
      held += bytes
      if (held.length < WRITE_CHARS) continue
    }
    if (held !== '') await write(socket, held, life)
    held = ''
    if (step.do === 'wait') await life.pause(step.ms)
    else if (step.do === 'close') {
      await life.drained()
      if (step.how === 'reset') socket.resetAndDestroy()
      else socket.end()
      return 'closed'
    } else if (typeof bytes === 'object') await write(socket, bytes, life)
  }
  if (held !== '') await write(socket, held, life)
  return life.left() ? 'left' : 'answered'
}

async function write(socket: Socket, bytes: string | Uint8Array, life: Life): Promise<void> {
  if (!socket.write(bytes)) await life.drained()
}

function refuse(socket: Socket, fault: ReadFault): void {
  socket.end(
    `HTTP/1.1 ${fault.status} Refused\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: ${fault.reason.length}\r\n\r\n${fault.reason}`,
  )
}
