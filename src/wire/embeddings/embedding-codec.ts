import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import type { UnknownField } from '../../canon/request.ts'
import type { Usage } from '../../canon/usage.ts'
import type { EncodedRequest } from '../wire-protocol.ts'

/** What a client wants embedded. Clients ask in OpenAI's words; a provider of the same protocol gets their own bytes. */
export interface EmbeddingRequest {
  /** Texts in their order, or rows of token numbers. */
  readonly inputs: readonly (string | readonly number[])[]
  /** Numbers in each vector. Absent: as many as the model makes. */
  readonly dimensions?: number
  /** Fields the reply does not depend on (`user`). */
  readonly user: boolean
  /** Fields no table knows. */
  readonly unknown: readonly UnknownField[]
}

/** Vectors in the order of the inputs. */
export interface EmbeddingReply {
  readonly vectors: readonly (readonly number[])[]
  /** Absent where the provider tells none, which is not zero. */
  readonly usage?: Usage
}

/** One provider protocol's call for embeddings. Pure functions, like all codecs. */
export interface EmbeddingCodec {
  /** The protocol of the endpoint that has the call. */
  readonly id: ProtocolId
  /** Path below the endpoint's base URL. */
  readonly path: (model: string) => string
  /** Writes a request. A kind of input the protocol cannot take is `untranslatable`, with its JSON path. */
  encodeRequest(asked: EmbeddingRequest, model: string): EncodedRequest | Problem
  /** Reads a reply. Undefined: this is not one. */
  decodeReply(body: JsonObject): EmbeddingReply | undefined
}
