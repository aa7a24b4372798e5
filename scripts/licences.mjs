// The licences of what is bundled into dist/, as they ask for.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'NOTICE', 'NOTICE.md'];
const PACKAGE = /^(?<root>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * Writes which packages the outputs contain, and each text that comes with them once.
 *
 * @param {string} file where to
 * @param {readonly import('esbuild').BuildResult[]} results those without a metafile are passed over
 */
export function writeLicences(file, results) {
  const outputs = results.flatMap(({ metafile }) => Object.values(metafile?.outputs ?? {}));
  const inputs = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([name, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [name] : [],
    ),
  );
  const roots = new Set(inputs.flatMap((name) => PACKAGE.exec(name)?.groups.root ?? []));
  /** @type {Map<string, string[]>} the packages of each text */
  const texts = new Map();
  for (const root of [...roots].sort()) {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    );
    const found = FILES.map((each) => path.join(root, each)).filter((each) => existsSync(each));
    if (found.length === 0) throw new Error(`${name} is bundled and comes without a licence`);
    for (const each of found) {
      const text = readFileSync(each, 'utf8').trim();
      texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
    }
  }
  const parts = [...texts].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  const head = 'Files of this folder contain code of these packages, under the licences below.\n';
  writeFileSync(file, [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`));
}
