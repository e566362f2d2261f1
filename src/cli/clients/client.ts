import type { Environment } from '../../app/config/paths.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import type { FileEdit, FileFormat } from './file-format.ts'

/** The variable that holds the gateway key, for clients that can take a key from the environment. */
export const KEY_VARIABLE = 'CANDOR_KEY'

/** What stands where a client demands some key and the gateway demands none. It is no secret. */
export const ANY_KEY = 'candor'

/** What of the machine decides where a client keeps its files. */
export interface Machine {
  readonly env: Environment
  readonly home: string
  /** `linux`, `darwin`, `win32`. */
  readonly os: string
  readonly exists: (file: string) => boolean
}

/** The model a client shall ask for. */
export interface ChosenModel {
  /** The name as the user gave it: `provider/model`, a route, an alias. */
  readonly ref: string
  /** In tokens. */
  readonly contextWindow?: number
  /** In tokens. */
  readonly maxOutputTokens?: number
  /** Its provider is reached in the client's own protocol, so that nothing is translated. */
  readonly isNative: boolean
}

/** Where a client shall go, and what for. */
export interface Aim {
  /** The gateway's address without a path: `http://127.0.0.1:8787`. */
  readonly url: string
  readonly model?: ChosenModel
  /** The gateway asks for a key: then the client reads {@link KEY_VARIABLE}. */
  readonly needsKey: boolean
}

/** One file of a client, and what shall stand in it. */
export interface ClientFile {
  readonly file: string
  readonly format: FileFormat
  /** A value of undefined is taken out only if an earlier `connect` wrote it. */
  readonly edits: (text: string) => readonly FileEdit[]
}

/** How a client is started so that it goes through the gateway, without a change to its files. */
export interface Launch {
  /** Variables for that process alone; undefined takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Documented options of the client, before what the user wrote. Empty where the environment is enough. */
  readonly args: readonly string[]
  /** Files in the folder made for this run, removed when it ends: name and content. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  /** What the user should know before it starts. */
  readonly remarks: readonly string[]
}

/** A client whose settings Candor knows. All of it is data and small pure functions. */
export interface Client {
  /** What the user types. */
  readonly id: string
  readonly aliases: readonly string[]
  readonly name: string
  readonly protocol: ProtocolId
  /** What its base URL is: the gateway's address, or that with `/v1`. */
  readonly baseUrl: 'root' | 'v1'
  /** Its settings name a model, so one must be chosen. */
  readonly needsModel: boolean
  /** The files `connect` edits. Absent: it is set up by hand. */
  readonly files?: (aim: Aim, machine: Machine) => readonly ClientFile[]
  /** What is left to do by hand, or to know. */
  readonly steps: (aim: Aim, machine: Machine) => readonly string[]
  /** How `run` starts it. Absent: it is no program for a terminal. */
  readonly start?: {
    /** Its program on the search path. */
    readonly program: string
    /** How to get it. */
    readonly install: string
    /** `folder` is where {@link Launch.files} will stand. */
    readonly launch: (aim: Aim, machine: Machine, folder: string) => Launch
  }
}

/** The gateway's address as this client wants it. */
export function baseUrlFor(aim: Aim, client: Pick<Client, 'baseUrl'>): string {
  return client.baseUrl === 'v1' ? `${aim.url}/v1` : aim.url
}

/** An absolute path from the environment, else undefined: a relative one would mean another file in every folder. */
export function folderIn(env: Environment, name: string): string | undefined {
  const value = env[name] ?? ''
  return /^(?:\/|[A-Za-z]:[\\/])/.test(value) ? value : undefined
}

/** Says what is true of every client where a key is needed. */
export function keyStep({ needsKey }: Aim, client: string): readonly string[] {
  return needsKey
    ? [`The gateway asks for a key: ${client} reads it from ${KEY_VARIABLE}. Set it where ${client} starts.`]
    : []
}
