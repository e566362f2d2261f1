import { type BodiesView, bodiesView, noBodies } from '../../admin/bodies.ts'
import { loadConfig } from '../../app/config/load.ts'
import { readKeptBodies } from '../../ledger/body-files.ts'
import { pathsOf, runningAccess } from '../gateway-access.ts'
import { ask } from '../questions.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'

/**
 * What a call asked and was answered: from the gateway of `--url`, else from the one that runs here, which may have them in memory yet, else from the
 * files. Throws {@link CliFault}, with the way to keep them, where there are none.
 */
export async function findBodies(id: string, url: string | undefined, desk: Desk): Promise<BodiesView> {
  const access = await runningAccess(url, desk)
  if (access === undefined) return await fromFiles(id, desk)
  try {
    const body: object = await ask(access, `/candor/bodies/${encodeURIComponent(id)}`)
    return body as BodiesView
  } catch (error) {
    // That none are kept is no fault of the question.
    if (!(error instanceof CliFault) || error.exit !== EXIT.usage) throw error
    throw new CliFault(EXIT.finding, error.message, { why: error.why, fix: error.fix })
  }
}

async function fromFiles(id: string, { shell }: Desk): Promise<BodiesView> {
  const { dataDir, configFile, configNamed } = pathsOf(shell)
  const [found, loaded] = await Promise.all([
    readKeptBodies(dataDir, id),
    loadConfig({ file: configFile, mustExist: configNamed }),
  ])
  const keepDays = loaded.ok ? loaded.config.bodies.keepDays : 0
  if (!('missing' in found)) {
    const view = bodiesView(found, keepDays)
    return keepDays > 0 ? view : { ...view, keptUntil: view.at }
  }
  const { what, why, fix } = noBodies(found, id, keepDays)
  throw new CliFault(EXIT.finding, what, { why, fix })
}
