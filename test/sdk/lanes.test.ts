import { afterAll, afterEach, beforeAll, describe, test } from 'bun:test'
import { FORMS } from './client.ts'
import { FAILURE_FEATURES } from './failures.ts'
import { FEATURES } from './features.ts'
import { CLIENTS, openScene, PROTOCOLS, type Scene, targetOf } from './lanes.ts'
import { LEAVING_FEATURES } from './leaving.ts'

const ALL = [...FEATURES, ...FAILURE_FEATURES, ...LEAVING_FEATURES]
/** What each lane has done, by client and target. */
const done = new Map<string, number>()

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterEach(() => {
  for (const { sim } of scene.targets) sim.setFault(undefined)
})
afterAll(async () => {
  await scene.stop()
  const rows = CLIENTS.map(({ name }) => [
    name,
    ...PROTOCOLS.map(protocol => String(done.get(`${name} > ${protocol}`) ?? 0)),
  ])
  for (const row of [['', ...PROTOCOLS], ...rows]) console.log(row.map(cell => cell.padEnd(22)).join(''))
  const sum = [...done.values()].reduce((total, count) => total + count, 0)
  console.log(`${sum} checks passed in ${CLIENTS.length * PROTOCOLS.length} lanes`)
})

for (const client of CLIENTS) {
  for (const protocol of PROTOCOLS) {
    const lane = `${client.name} > ${protocol}`
    describe(lane, () => {
      for (const feature of ALL) {
        if (feature.targets?.includes(protocol) === false) continue
        if (feature.spoken?.includes(client.protocol) === false) continue
        test.each([...(feature.forms ?? FORMS)])(`${feature.name}, %s`, async form => {
          await feature.run({ client, form, scene, target: targetOf(scene, protocol) })
          done.set(lane, (done.get(lane) ?? 0) + 1)
        })
      }
    })
  }
}
