import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * An esbuild plugin: a bundle reads each export of a package that stays outside of it once,
 * when it is loaded. Compilers make getters of exports, on an object in which V8 looks them up
 * anew at every use.
 *
 * @param {string} name of a package in CommonJS whose exports never change
 * @returns {import('esbuild').Plugin}
 */
export function readOnce(name) {
  const namespace = 'read-once';
  const exported = Object.keys(require(name)).filter((each) => each !== 'default');
  return {
    name: namespace,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, (asked) =>
        asked.namespace === namespace
          ? { path: name, external: true }
          : { path: name, namespace, sideEffects: false },
      );
      onLoad({ filter: /./, namespace }, () => ({
        contents: [
          `const whole = require('${name}');`,
          ...exported.map((each) => `export const ${each} = whole.${each};`),
        ].join('\n'),
      }));
    },
  };
}
