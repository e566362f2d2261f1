import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { watchConfig } from '../../src/app/config/watch.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { newFolder } from './folder.ts'

const folder = newFolder()
afterAll(folder.remove)

/** Real time at twenty times the pace: what is looked at every two seconds is looked at every tenth of one. */
const hurried: Clock = { ...systemClock, after: (delayMs, fire) => systemClock.after(delayMs / 20, fire) }

/** Watches a file and gives what it tells, one by one. */
function watching(file: string): { next(): Promise<string>; stop(): void; readonly waiting: number } {
  const told: string[] = []
  let wake: (() => void) | undefined
  const tell = (what: string) => () => {
    told.push(what)
    wake?.()
  }
  const stop = watchConfig(file, hurried, tell('changed'), tell('gone'))
  return {
    stop,
    get waiting() {
      return told.length
    },
    async next() {
      while (told.length === 0) await new Promise<void>(resolve => (wake = resolve))
      return told.shift() ?? ''
    },
  }
}

function fresh(name: string, text: string): string {
  const sub = join(folder.path, name)
  mkdirSync(sub)
  const file = join(sub, 'candor.json5')
  writeFileSync(file, text)
  return file
}

describe('a change is noticed', () => {
  test('written in place, and several times', async () => {
    const file = fresh('place', '1')
    const watcher = watching(file)
    writeFileSync(file, '2')
    expect(await watcher.next()).toBe('changed')
    writeFileSync(file, '3')
    expect(await watcher.next()).toBe('changed')
    watcher.stop()
  })

  test('renamed over the file, as editors do', async () => {
    const file = fresh('rename', '1')
    const watcher = watching(file)
    writeFileSync(`${file}.new`, '2')
    renameSync(`${file}.new`, file)
    expect(await watcher.next()).toBe('changed')
    watcher.stop()
  })

  test('behind a link whose target is exchanged', async () => {
    const file = fresh('target', '1')
    const link = join(folder.path, 'link.json5')
    symlinkSync(file, link)
    const watcher = watching(link)
    writeFileSync(file, '22')
    expect(await watcher.next()).toBe('changed')
    watcher.stop()
  })

  test('when the file, and its folder, come to be', async () => {
    const sub = join(folder.path, 'later')
    const watcher = watching(join(sub, 'candor.json5'))
    mkdirSync(sub)
    writeFileSync(join(sub, 'candor.json5'), '1')
    expect(await watcher.next()).toBe('changed')
    watcher.stop()
  })

  test('a file that goes is told once; coming back with the old content changes nothing, with new content it does', async () => {
    const file = fresh('gone', '1')
    const watcher = watching(file)
    rmSync(file)
    expect(await watcher.next()).toBe('gone')
    writeFileSync(file, '1')
    writeFileSync(file, '2')
    expect(await watcher.next()).toBe('changed')
    watcher.stop()
  })
})

test('what does not change the content is not told', async () => {
  const file = fresh('same', '1')
  const other = fresh('control', '1')
  const watcher = watching(file)
  const control = watching(other)
  writeFileSync(file, '1')
  writeFileSync(join(folder.path, 'same', 'other.txt'), 'x')
  writeFileSync(other, '2')
  expect(await control.next()).toBe('changed')
  writeFileSync(other, '3')
  expect(await control.next()).toBe('changed')
  expect(watcher.waiting).toBe(0)
  watcher.stop()
  control.stop()
})
