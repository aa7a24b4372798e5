// A span processor that takes what it is given and does nothing with it.
exports.NOTHING = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
