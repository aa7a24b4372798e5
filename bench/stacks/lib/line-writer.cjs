// Writes lines, some in each turn of the event loop, and ends at once after the last.
const { answers } = require('./answers.cjs');

const TOGETHER = 20;

/** @param {(i: number) => void} write */
exports.writesLines = function writesLines(write) {
  answers({
    write(count) {
      let written = 0;
      const turn = () => {
        for (let i = 0; i < TOGETHER && written < count; i++) write(written++);
        if (written < count) setImmediate(turn);
        else process.exit(0);
      };
      setImmediate(turn);
    },
  });
};
