// Says how much is resident when everything is loaded, on a descriptor of its own.
require('node:fs').writeSync(3, String(process.memoryUsage.rss()));
