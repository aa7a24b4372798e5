import { remembering } from '../remembering.js';
import type { OutgoingRequest } from './outgoing-request.js';

/** An HTTP endpoint that runs a model. Everything else that providers serve is not a call. */
export interface Endpoint {
  /** Matches the end of a path without query; its one group, if any, is the model. */
  readonly path: RegExp;
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  /**
   * The provider where the host says nothing, told by the path and the headers; undefined
   * where both might be somebody else's.
   */
  readonly providerOf: (request: OutgoingRequest) => string | undefined;
  /**
   * Whether others have such a path too: on a host that is not known, a request whose client
   * does not say what it is must ask for a model in its body.
   */
  readonly isShared?: true;
}

/** `User-Agent` of clients that speak OpenAI's protocol to others: own packages, AI SDK. */
const AGENTS: readonly (readonly [RegExp, string])[] = [
  [/^AzureOpenAI\/|ai-sdk\/azure/, 'azure.ai.openai'],
  [/^Groq\/|ai-sdk\/groq/, 'groq'],
  [/mistral/i, 'mistral_ai'],
  [/ai-sdk\/xai/, 'x_ai'],
  [/deepseek/i, 'deepseek'],
  [/openrouter/i, 'openrouter'],
  [/ai-sdk\/perplexity/, 'perplexity'],
  [/moonshot/i, 'moonshot_ai'],
];

function openAiCompatible(request: OutgoingRequest): string {
  if (request.path.includes('/openai/deployments/')) return 'azure.ai.openai';
  return providerOfAgent(request.header('user-agent') ?? '');
}

const providerOfAgent = remembering(
  (agent) => AGENTS.find(([pattern]) => pattern.test(agent))?.[1] ?? 'openai',
);

/** Whether a client says that it speaks OpenAI's protocol. */
export function saysOpenAi({ header, path }: OutgoingRequest): boolean {
  return (
    /openai|\bai-sdk\b|^ai\//i.test(header('user-agent') ?? '') ||
    header('x-stainless-lang') !== undefined ||
    path.includes('/openai/')
  );
}

/** Every client of Anthropic's API must send its version. */
function anthropic({ header, path }: OutgoingRequest): string | undefined {
  const known = header('anthropic-version') !== undefined || path.includes('/anthropic/');
  return known ? 'anthropic' : undefined;
}

function ollama({ header, host, port }: OutgoingRequest): string | undefined {
  const known =
    port === 11434 || host.includes('ollama') || /ollama/i.test(header('user-agent') ?? '');
  return known ? 'ollama' : undefined;
}

function google({ path }: OutgoingRequest): string {
  return /\/(?:publishers|projects)\//.test(path) ? 'gcp.vertex_ai' : 'gcp.gemini';
}

const bedrock = (): string => 'aws.bedrock';
const watsonx = (): string => 'ibm.watsonx.ai';
/** Paths that only a known host makes a model call. */
const byHostAlone = (): undefined => undefined;

export const ENDPOINTS: readonly Endpoint[] = [
  // OpenAI's protocol, which most others speak too; Azure names the model in the path.
  {
    path: /\/deployments\/([^/]+)\/chat\/completions$/,
    operation: 'chat',
    providerOf: openAiCompatible,
  },
  { path: /\/(?:chat|agents)\/completions$/, operation: 'chat', providerOf: openAiCompatible },
  { path: /\/responses$/, operation: 'chat', providerOf: openAiCompatible, isShared: true },
  {
    path: /\/(?:v\d+|fim|beta|deployments\/([^/]+))\/completions$/,
    operation: 'text_completion',
    providerOf: openAiCompatible,
  },
  {
    path: /\/(?:v\d+|deployments\/([^/]+))\/embeddings$/,
    operation: 'embeddings',
    providerOf: openAiCompatible,
  },
  {
    path: /\/(?:images\/(?:generations|edits|variations)|audio\/(?:speech|transcriptions|translations))$/,
    operation: 'generate_content',
    providerOf: openAiCompatible,
    isShared: true,
  },
  // Anthropic
  { path: /\/v1\/messages$/, operation: 'chat', providerOf: anthropic },
  { path: /\/v1\/complete$/, operation: 'text_completion', providerOf: anthropic },
  // Gemini and Vertex AI
  {
    path: /\/(?:models|tunedModels|endpoints)\/([^/:]+):(?:(?:streamG|g)enerateContent|(?:streamR|r)awPredict)$/,
    operation: 'generate_content',
    providerOf: google,
  },
  {
    path: /\/models\/([^/:]+):(?:batchE|e)mbedContents?$/,
    operation: 'embeddings',
    providerOf: google,
  },
  { path: /\/models\/([^/:]*embed[^/:]*):predict$/, operation: 'embeddings', providerOf: google },
  { path: /\/models\/([^/:]+):predict$/, operation: 'generate_content', providerOf: google },
  // Ollama
  { path: /\/api\/chat$/, operation: 'chat', providerOf: ollama },
  { path: /\/api\/generate$/, operation: 'text_completion', providerOf: ollama },
  { path: /\/api\/embed(?:dings)?$/, operation: 'embeddings', providerOf: ollama },
  // Bedrock
  {
    path: /\/model\/([^/]+)\/(?:converse(?:-stream)?|invoke(?:-with-(?:response|bidirectional)-stream)?)$/,
    operation: 'chat',
    providerOf: bedrock,
  },
  // Cohere, watsonx
  { path: /\/v[12]\/chat$/, operation: 'chat', providerOf: byHostAlone },
  { path: /\/v[12]\/embed$/, operation: 'embeddings', providerOf: byHostAlone },
  { path: /\/ml\/v1\/text\/chat(?:_stream)?$/, operation: 'chat', providerOf: watsonx },
  {
    path: /\/ml\/v1\/text\/generation(?:_stream)?$/,
    operation: 'text_completion',
    providerOf: watsonx,
  },
];

/** Whether a path may be an endpoint's: the one check that every POST pays. */
export const MAYBE_ENDPOINT = new RegExp(ENDPOINTS.map(({ path }) => path.source).join('|'));
