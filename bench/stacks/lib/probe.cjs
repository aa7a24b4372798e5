// Asks a server for something small, again and again, and says how long the longest took.
const http = require('node:http');
const { answers } = require('./answers.cjs');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let running;

function ask(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume().on('end', resolve);
    });
    request.on('error', reject);
  });
}

answers({
  begin(url) {
    let going = true;
    const longest = (async () => {
      let most = 0;
      while (going) {
        const before = performance.now();
        await ask(url);
        most = Math.max(most, performance.now() - before);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return most;
    })();
    running = () => {
      going = false;
      return longest;
    };
  },
  end: () => running(),
});
