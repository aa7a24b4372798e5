import { remembering } from '../remembering.js';

/**
 * The providers' own hosts, by `gen_ai.provider.name`. The GenAI conventions have no name for
 * OpenRouter, Together, Fireworks, Cerebras, Hugging Face and Vercel: theirs are our own.
 */
const HOSTS: readonly (readonly [RegExp, string | ((path: string) => string)])[] = [
  [/(?:^|\.)api\.openai\.com$/, 'openai'],
  [/^api\.anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/\.openai\.azure\.(?:com|us|cn)$/, 'azure.ai.openai'],
  [/\.cognitiveservices\.azure\.(?:com|us|cn)$/, 'azure.ai.openai'],
  [/\.(?:services|inference|models)\.ai\.azure\.com$/, azure],
  [/^bedrock-(?:runtime|mantle)\b.*\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/, 'aws.bedrock'],
  [/\.bedrock-runtime\..*\.vpce\.amazonaws\.com$/, 'aws.bedrock'],
  [/^(?:api|codestral)\.mistral\.ai$/, 'mistral_ai'],
  [/^api\.groq\.com$/, 'groq'],
  [/^openrouter\.ai$/, 'openrouter'],
  [/(?:^|\.)api\.x\.ai$/, 'x_ai'],
  [/^api\.deepseek\.com$/, 'deepseek'],
  [/^api\.cohere\.(?:com|ai)$/, 'cohere'],
  [/^api\.perplexity\.ai$/, 'perplexity'],
  [/^api\.moonshot\.(?:ai|cn)$/, 'moonshot_ai'],
  [/^api\.together\.(?:xyz|ai)$/, 'together_ai'],
  [/^api\.fireworks\.ai$/, 'fireworks_ai'],
  [/^api\.cerebras\.ai$/, 'cerebras'],
  [/^router\.huggingface\.co$/, 'hugging_face'],
  [/^ai-gateway\.vercel\.sh$/, 'vercel'],
  [/\.ml\.cloud\.ibm\.com$/, 'ibm.watsonx.ai'],
  [/^ollama\.com$/, 'ollama'],
];

/** Azure's newer hosts serve OpenAI's models and others' side by side. */
function azure(path: string): string {
  return path.includes('/openai/') ? 'azure.ai.openai' : 'azure.ai.inference';
}

const ownerOf = remembering((host) => HOSTS.find(([pattern]) => pattern.test(host))?.[1]);

/** The provider that a host belongs to; undefined for a proxy, a gateway, a machine of one's own. */
export function providerOfHost(host: string, path: string): string | undefined {
  const owner = ownerOf(host);
  return typeof owner === 'function' ? owner(path) : owner;
}
