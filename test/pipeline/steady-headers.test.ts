import { expect, test } from 'bun:test'
import { SteadyHeaders } from '../../src/pipeline/steady-headers.ts'

const plain = (headers: Headers) => Object.fromEntries(headers.entries())

test('each answer has its own headers, and none of the one before', () => {
  const steady = new SteadyHeaders()
  const wanted = [
    { 'content-type': 'a/b', 'x-id': '1', 'x-once': 'y' },
    { 'content-type': 'a/b', 'x-id': '2' },
    { 'content-type': 'a/c', 'x-more': 'z' },
  ]
  const answers = wanted.map(headers => new Response('x', { headers: steady.of(headers) }))
  expect(answers.map(({ headers }) => plain(headers))).toEqual(wanted)
})

test('what cannot stand in a header throws, and leaves nothing behind', () => {
  const steady = new SteadyHeaders()
  const wanted = { 'x-id': '1', 'x-model': 'a' }
  steady.of(wanted)
  expect(() => steady.of({ 'x-id': '2', 'x-model': 'b\nc' })).toThrow()
  expect(plain(steady.of(wanted))).toEqual(wanted)
})
