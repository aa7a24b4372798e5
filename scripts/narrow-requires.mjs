import { readFileSync } from 'node:fs';

/**
 * An esbuild plugin: gives a CommonJS file of `from` the names alone that it takes out of
 * `packages`. Of a `require` esbuild cannot tell, and would bundle all of each package.
 *
 * @param {{ from: RegExp, packages: RegExp }} options
 * @returns {import('esbuild').Plugin}
 */
export function narrowRequires({ from, packages }) {
  return {
    name: 'narrow-requires',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: packages }, ({ path, importer, kind, resolveDir }) =>
        kind === 'require-call' && from.test(importer)
          ? { path, namespace: 'narrow', pluginData: { importer, resolveDir } }
          : undefined,
      );
      onLoad({ filter: /./, namespace: 'narrow' }, ({ path, pluginData }) => {
        const { importer, resolveDir } = pluginData;
        const names = namesTaken(readFileSync(importer, 'utf8'), path);
        if (names.length === 0) throw new Error(`nothing of ${path} is found in ${importer}`);
        return { contents: `export { ${names.join(', ')} } from '${path}';`, resolveDir };
      });
    },
  };
}

/** @param {string} source as TypeScript's compiler writes it */
function namesTaken(source, required) {
  const variable = new RegExp(`const (\\w+) = require\\("${required}"\\);`).exec(source)?.[1];
  const taken = source.matchAll(new RegExp(`\\b${variable}\\.(\\w+)`, 'g'));
  return [...new Set([...taken].map(([, name]) => name))];
}
