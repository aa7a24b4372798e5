import { isMainThread } from 'node:worker_threads';
import { readConfig } from './config/config.js';
import { lazyRequire } from './lazy-require.js';
import type * as preload from './preload.js';

const config = readConfig(process.env);

// Worker threads and children inherit the preload with the flags of their parent. There it
// opens no listener, starts no exporter, says nothing, and loads nothing but this file.
if (isMainThread && !config.disabled && !config.inherited) {
  (lazyRequire('./preload.cjs') as typeof preload).startPreload(config);
}
