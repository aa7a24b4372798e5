import { createStderrSink, type LineSink } from '../../../src/log/sink.js';

/** A file descriptor that takes as many bytes of each write as the test says, or an error code. */
export interface FakeDescriptor {
  readonly sink: LineSink;
  readonly writes: string[];
  /** Whole text that was taken. */
  readonly taken: () => string;
  readonly dropped: () => number;
  behave: (bytes: number) => number | string;
  /** How long the sink waited before each time it asked again, in milliseconds. */
  readonly delays: number[];
  /** Lets the timers that the sink has set come. */
  readonly tick: () => void;
}

/** Makes a sink over a descriptor that takes everything until it is told otherwise. */
export function createDescriptor(): FakeDescriptor {
  const writes: string[] = [];
  let taken = Buffer.alloc(0);
  let dropped = 0;
  const timers: (() => void)[] = [];
  const delays: number[] = [];
  const descriptor: FakeDescriptor = {
    writes,
    delays,
    taken: () => taken.toString('utf8'),
    dropped: () => dropped,
    behave: (bytes) => bytes,
    tick: () => {
      for (const fire of timers.splice(0)) fire();
    },
    sink: createStderrSink({
      onDrop: (lines) => {
        dropped += lines;
      },
      later: (retry, delayMs) => {
        timers.push(retry);
        delays.push(delayMs);
      },
      write: (_fd, bytes) => {
        writes.push(Buffer.from(bytes).toString('utf8'));
        const answer = descriptor.behave(bytes.length);
        if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
        taken = Buffer.concat([taken, Buffer.from(bytes).subarray(0, answer)]);
        return answer;
      },
    }),
  };
  return descriptor;
}
