import type { EmbeddingCodec } from './embedding-codec.ts'
import { geminiEmbeddings } from './gemini.ts'

/** The protocols a client's call for embeddings can be translated into. OpenAI's own is not among them: there its bytes pass through. */
export const EMBEDDING_CODECS: readonly EmbeddingCodec[] = [geminiEmbeddings]
