import { lazyRequire } from '../../../lazy-require.js';
import { versionOf, type OnAttachment } from '../../attachments.js';

/** The file by which each framework is known that is a CommonJS package for every host. */
const LOADED =
  /[\\/]node_modules[\\/](?<name>express[\\/]lib[\\/]application|fastify[\\/]fastify)\.js$/;

/**
 * Tells of the frameworks that say their routes themselves: Express on each request, Fastify
 * on a channel, which it has since its version 5.
 */
export function tellLoaded(onAttachment: OnAttachment): void {
  for (const file of Object.keys(lazyRequire.cache)) {
    const name = LOADED.exec(file)?.groups?.['name'];
    if (name === undefined) continue;
    if (name.startsWith('express')) {
      onAttachment({ target: 'Express', attached: true, file });
      continue;
    }
    const hasChannel = Number.parseInt(versionOf(file) ?? '', 10) >= 5;
    onAttachment({
      target: 'Fastify',
      attached: hasChannel,
      file,
      ...(!hasChannel && { note: 'publishes no channel; its routes can be named by rules' }),
    });
  }
}
