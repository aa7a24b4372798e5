/** What the server tells a sandbox, over its IPC channel. */
export type ToSandbox =
  { readonly type: 'message'; readonly content: string } | { readonly type: 'cancel' };

/** What a sandbox tells the server. One `done` ends an answer, a cancelled one too. */
export type FromSandbox =
  | { readonly type: 'ready' }
  | { readonly type: 'chunk'; readonly text: string }
  | { readonly type: 'done' };
