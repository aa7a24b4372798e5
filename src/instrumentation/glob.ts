/** Makes a test of a glob, in which `*` stands for any run of characters. */
export function globMatcher(glob: string): (text: string) => boolean {
  const literals = glob.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const pattern = new RegExp(`^${literals.join('.*')}$`, 's');
  return (text) => pattern.test(text);
}
