import { afterAll, beforeAll, describe, test } from 'bun:test'
import { FORMS } from './client.ts'
import { FEATURES } from './features.ts'
import { CLIENTS, openScene, PROTOCOLS, type Scene, targetOf } from './lanes.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.stop())

describe.each([...CLIENTS])('$name', client => {
  describe.each([...PROTOCOLS])('to %s', protocol => {
    for (const form of FORMS) {
      test.each([...FEATURES])(`$name, ${form}`, async feature => {
        await feature.run({ client, form, origin: scene.gateway.url, target: targetOf(scene, protocol) })
      })
    }
  })
})
