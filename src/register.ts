import { isMainThread } from 'node:worker_threads';
import { readConfig } from './config/config.js';
import { startPreload } from './preload.js';

const config = readConfig(process.env);

// Worker threads and children inherit the preload with the flags of their parent. There it
// opens no listener, starts no exporter and says nothing.
if (isMainThread && !config.disabled && !config.inherited) startPreload(config);
