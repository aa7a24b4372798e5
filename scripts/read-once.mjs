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
  const exported = Object.keys(require(name)).filter((each) => each !== 'default');
  const whole = `const whole = require('${name}');`;
  const contents = {
    'read-once': [whole, ...exported.map((each) => `export const ${each} = whole.${each};`)],
    // What is imported as a module would be an object of getters again for who requires it.
    'read-once-required': [whole, 'module.exports = { ...whole };'],
  };
  return {
    name: 'read-once',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, ({ kind, namespace: from }) => {
        if (from in contents) return { path: name, external: true };
        const namespace = kind === 'require-call' ? 'read-once-required' : 'read-once';
        return { path: name, namespace, sideEffects: false };
      });
      onLoad({ filter: /./, namespace: 'read-once' }, load);
      onLoad({ filter: /./, namespace: 'read-once-required' }, load);
      function load({ namespace }) {
        return { contents: contents[namespace].join('\n') };
      }
    },
  };
}
