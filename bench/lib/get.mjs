import http from 'node:http';

/**
 * One request on a connection of its own.
 * @param {string} url
 * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, body: string, ms: number }>}
 */
export function get(url) {
  return new Promise((resolve, reject) => {
    const before = performance.now();
    const request = http.get(url, { agent: false }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const ms = performance.now() - before;
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, ms });
      });
    });
    request.on('error', reject);
  });
}

/**
 * The sum of a family's samples in a Prometheus text.
 * @param {string} text
 * @param {RegExp} name of the sample, whole
 */
export function sumOf(text, name) {
  let sum;
  for (const line of text.split('\n')) {
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)/.exec(line);
    if (sample !== null && name.test(sample[1])) sum = (sum ?? 0) + Number(sample[2]);
  }
  return sum;
}
