import type { BlockDelta, BlockHead } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { Events, type Outlet as ReplyOutlet } from '../reply-outlet.ts'
import type { Said } from './stop.ts'

/** Where the readers of one reply put their events, with what they share. */
export interface Outlet extends ReplyOutlet {
  /** Starts a block and gives its index. */
  start(block: BlockHead): number
  delta(index: number, delta: BlockDelta['delta']): void
  stop(index: number): void
  /** Ends the reply: what the provider sent is not allowed. */
  broken(what: string): void
  /** What the blocks so far say about why the reply ends. */
  said(): Said
}

/** Opens an outlet. Nothing comes out of it after a terminal event. */
export function openOutlet(): Outlet {
  return new ItemEvents()
}

class ItemEvents extends Events implements Outlet {
  readonly #said = { called: false, refused: false, spoke: false }

  start(block: BlockHead): number {
    const index = this.nextIndex()
    if (block.type === 'tool-call') this.#said.called = true
    else if (block.type === 'refusal') this.#said.refused = true
    else if (block.type === 'text') this.#said.spoke = true
    this.emit({ type: 'block-start', index, choice: 0, block })
    return index
  }

  delta(index: number, delta: BlockDelta['delta']): void {
    this.emit({ type: 'block-delta', index, delta })
  }

  stop(index: number): void {
    this.emit({ type: 'block-stop', index })
  }

  broken(what: string): void {
    this.fail(problem('upstream_protocol', `The provider sent ${what}.`, { fix: ['Ask again.'] }))
  }

  said(): Said {
    return this.#said
  }
}

/** The provider answered in the words of Chat Completions, as servers do that know only those. */
export function otherProtocol(): Problem {
  return problem('upstream_protocol', 'The provider answered with Chat Completions where a response was asked for.', {
    fix: ['Reach this provider by `openai-completions`.'],
  })
}
