import manifest from '../package.json' with { type: 'json' }
import lockfile from '../package-lock.json' with { type: 'json' }

/** A package as the lockfile has it. */
interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Packages for development whose code is bundled into the dashboard's files: they are shipped, though nobody installs them. */
export const BUNDLED = ['preact', 'uplot'] as const

/** The packages of the lockfile by their places; the first, the empty one, is Candor itself. */
export const LOCKED: ReadonlyMap<string, Locked> = new Map(Object.entries<Locked>(lockfile.packages))
const BUNDLED_PATHS: ReadonlySet<string> = new Set(BUNDLED.map(name => `node_modules/${name}`))

/**
 * The bill of materials, CycloneDX 1.5 (cyclonedx.org/docs/1.5/json): every package of the lockfile that is installed with Candor, on any platform, and those
 * bundled into it. Made from the lockfile itself: `npm sbom --omit dev` leaves out a package that a package for development wants as a peer.
 * The same lockfile gives the same text: the serial number follows from the content, and there is a time only if one is given, in seconds since
 * 1970 (reproducible-builds.org/specs/source-date-epoch).
 */
export function billOfMaterials(sourceDateEpoch: string | undefined): object {
  const paths = [...LOCKED.keys()].filter(isShipped).sort()
  const own = refOf(manifest.name, manifest.version)
  const content = {
    components: paths.map(component),
    dependencies: [
      { ref: own, dependsOn: [...dependsOn(''), ...BUNDLED.map(name => refAt(`node_modules/${name}`))].sort() },
      ...paths.map(path => ({ ref: refAt(path), dependsOn: dependsOn(path) })),
    ],
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(own + JSON.stringify(content))}`,
    version: 1,
    metadata: {
      ...(sourceDateEpoch === undefined ? {} : { timestamp: new Date(Number(sourceDateEpoch) * 1000).toISOString() }),
      component: {
        'bom-ref': own,
        type: 'application',
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        purl: purlOf(manifest.name, manifest.version),
        licenses: [licence(manifest.license)],
      },
    },
    ...content,
  }
}

function isShipped(path: string): boolean {
  return path !== '' && (lockedAt(path).dev !== true || BUNDLED_PATHS.has(path))
}

function component(path: string): object {
  const { version = '', integrity, license, optional } = lockedAt(path)
  const name = nameOf(path)
  if (integrity?.startsWith('sha512-') !== true || license === undefined)
    throw new Error(`package-lock.json has no SHA-512 or no licence for ${path}`)
  return {
    'bom-ref': refOf(name, version),
    type: 'library',
    name,
    version,
    scope: optional === true ? 'optional' : 'required',
    purl: purlOf(name, version),
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }],
    licenses: [licence(license)],
  }
}

function lockedAt(path: string): Locked {
  const found = LOCKED.get(path)
  if (found === undefined) throw new Error(`package-lock.json has no ${path}`)
  return found
}

/** What the package at that place needs, as references. Peers that somebody else brings are no part of it. */
function dependsOn(path: string): string[] {
  const { dependencies, optionalDependencies } = lockedAt(path)
  const names = Object.keys({ ...dependencies, ...optionalDependencies })
  return names.map(name => refAt(placeOf(name, path))).sort()
}

/** Where Node would find a package from another one: in its own folder first, then further up. */
function placeOf(name: string, from: string): string {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (LOCKED.has(place)) return place
  if (from === '') throw new Error(`package-lock.json has no ${name}`)
  return placeOf(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
const refAt = (path: string) => refOf(nameOf(path), lockedAt(path).version ?? '')
const refOf = (name: string, version: string) => `${name}@${version}`
const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`
const licence = (text: string) => (/^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text })

/** A UUID of version 8 (RFC 9562: whatever its maker likes) that follows from a text. */
function uuidOf(text: string): string {
  const hex = new Bun.CryptoHasher('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
