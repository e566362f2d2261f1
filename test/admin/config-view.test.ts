import { describe, expect, test } from 'bun:test'
import { changesBetween, type DeclaredValue } from '../../src/admin/config-view.ts'

const value = (path: string, shown: string, sameAs = shown): DeclaredValue => ({
  path,
  value: shown,
  sameAs,
  origin: `candor.json5:${path.length}`,
})

describe('what is another in one configuration than in another', () => {
  test.each([
    { what: 'nothing', before: [value('a', '1')], after: [value('a', '1')], changes: [] },
    {
      what: 'a value',
      before: [value('gateway.port', '1')],
      after: [value('gateway.port', '2')],
      changes: [{ path: 'gateway.port', before: '1', after: '2', origin: 'candor.json5:12' }],
    },
    {
      what: 'a secret, which is shown alike',
      before: [value('key', '••••', 'one')],
      after: [value('key', '••••', 'two')],
      changes: [{ path: 'key', before: '••••', after: '••••', origin: 'candor.json5:3' }],
    },
    {
      what: 'a value more, and one that is gone, which comes last',
      before: [value('old', '1'), value('kept', '2')],
      after: [value('kept', '2'), value('newer', '3')],
      changes: [
        { path: 'newer', after: '3', origin: 'candor.json5:5' },
        { path: 'old', before: '1', origin: 'candor.json5:3' },
      ],
    },
    {
      what: 'an entry, without the defaults that come and go with it',
      before: [{ ...value('old.enabled', 'true'), origin: 'default' }],
      after: [{ ...value('new.enabled', 'true'), origin: 'default' }, value('new.key', '1')],
      changes: [{ path: 'new.key', after: '1', origin: 'candor.json5:7' }],
    },
  ])('$what', ({ before, after, changes }) => {
    expect(changesBetween(before, after)).toEqual(changes)
  })

  test('what only compares is not handed on', () => {
    const told = JSON.stringify(changesBetween([value('key', '••••', 'canary-1')], [value('key', '••••', 'canary-2')]))
    expect(told).not.toContain('canary')
  })
})
